import { type Authority, type Lapse, lapseOf, OPERATOR_ID } from '../../bus/access.ts'
import type { Talk } from '../../bus/loops.ts'
import { copyOf, type Session } from '../../bus/session.ts'
import type { Command } from '../../bus/store.ts'
import type { Token } from '../../bus/token.ts'
import { Memo } from './memo.ts'
import { sessionsCalled } from './session-reads.ts'
import { findSession, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { talkOf } from './talk.ts'
import { validToken } from './tokens.ts'
import { hasOpenOffer } from './unread.ts'

type Kinds = readonly Command['kind'][]

/** What these write is neither a session nor its talk nor an offer. */
const OF_NONE: Kinds = ['putState', 'deleteState', 'claim', 'release', 'renewClaims', 'putToken', 'narrowToken', 'keep']
const OF_TOKENS: Kinds = ['putToken', 'narrowToken', 'revokeToken']
/** These write a session's talk at most. */
const OF_TALK: Kinds = ['continueTalk', 'beginTalk', 'beginTalks']
/** These write offers at most, and the first of them talk, too. A session's own cursor is none of its facts. */
const OF_OFFERS: Kinds = ['offer', 'append', 'follow', 'confirm', 'acknowledge', 'expire', 'takeOver']

/**
 * Who calls, whom it names, what it talks of and whether it was offered something is asked with every call and changes
 * seldom. There is one writer, so answers hold until it has carried out a command that may have changed them. Callers get
 * copies: what they do to what they were given stays their own.
 */
export class CallerMemo {
  readonly #sessions = new Memo<Session | undefined>()
  readonly #called = new Memo<readonly Session[]>()
  readonly #openOffers = new Memo<boolean>()
  readonly #talks = new Memo<Talk | undefined>()
  readonly #tokens = new Memo<Token | undefined>()

  session(sql: Sql, id: string): Session | undefined {
    const session = this.#session(sql, id)
    return session && copyOf(session)
  }

  sessionsCalled(sql: Sql, reference: string): Session[] {
    return this.#called.of(reference, () => sessionsCalled(sql, reference)).map(copyOf)
  }

  hasOpenOffer(sql: Sql, sessionId: string): boolean {
    return this.#openOffers.of(sessionId, () => hasOpenOffer(sql, sessionId))
  }

  talk(sql: Sql, sessionId: string): Talk | undefined {
    const talk = this.#talks.of(sessionId, () => talkOf(sql, sessionId))
    return talk && { ...talk, ...(talk.chain && { chain: { ...talk.chain } }) }
  }

  token(sql: Sql, id: string): Token | undefined {
    const token = this.#token(sql, id)
    return token && { ...token, scopes: [...token.scopes] }
  }

  /** Asked in the transaction that would act on it, too, so that no earlier commit in the same one is missed. */
  lapse(sql: Sql, authority: Authority): Lapse | undefined {
    if (authority.kind === 'token') return lapseOf(authority, undefined, this.#token(sql, authority.id))
    const session = this.#session(sql, authority.id)
    const isOperators = session === undefined || session.grantor === OPERATOR_ID
    return lapseOf(
      authority,
      session && { grantor: session.grantor, hasEnded: session.endedAt !== undefined },
      isOperators ? undefined : this.#token(sql, session.grantor),
    )
  }

  /** What these may have changed, whether it was kept or undone. */
  forget(commands: readonly Command[]): void {
    for (const command of commands) {
      const { kind } = command
      if (OF_TOKENS.includes(kind)) this.#tokens.forget()
      if (OF_NONE.includes(kind)) continue
      const isOfOffers = OF_OFFERS.includes(kind)
      if (kind === 'offer' || !isOfOffers) this.#talks.forget()
      if (OF_TALK.includes(kind)) continue
      if (command.kind !== 'append' || command.event.replyTo !== undefined) this.#openOffers.forget()
      if (isOfOffers) continue
      this.#sessions.forget()
      this.#called.forget()
    }
  }

  /** A transaction was undone, whatever was read in it; or another connection has written. */
  forgetAll(): void {
    for (const memo of [this.#sessions, this.#called, this.#openOffers, this.#talks, this.#tokens]) memo.forget()
  }

  #session(sql: Sql, id: string): Session | undefined {
    return this.#sessions.of(id, () => {
      const row = findSession(sql, id)
      return row && sessionOf(row)
    })
  }

  #token(sql: Sql, id: string): Token | undefined {
    return this.#tokens.of(id, () => validToken(sql, id))
  }
}
