import { copyOf, type Session } from '../../bus/session.ts'
import type { Command } from '../../bus/store.ts'
import type { Token } from '../../bus/token.ts'
import { Memo } from './memo.ts'
import { sessionsCalled } from './session-reads.ts'
import { findSession, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { validToken } from './tokens.ts'
import { hasOpenOffer } from './unread.ts'

/** What these write is neither a session nor an offer. */
const OF_NEITHER: readonly Command['kind'][] = [
  'putState',
  'deleteState',
  'claim',
  'release',
  'renewClaims',
  'putToken',
  'narrowToken',
  'keep',
  'continueTalk',
  'beginTalk',
  'beginTalks',
]
const OF_TOKENS: readonly Command['kind'][] = ['putToken', 'narrowToken', 'revokeToken']
/** These write offers at most. A session's own cursor is none of its facts. */
const OF_OFFERS: readonly Command['kind'][] = ['append', 'follow', 'offer', 'confirm', 'acknowledge', 'expire']

/**
 * Who calls, whom it names and whether it was offered something is asked with every call and changes seldom. There is
 * one writer, so answers hold until it has carried out a command that may have changed them. Callers get copies: what they
 * do to what they were given stays their own.
 */
export class CallerMemo {
  readonly #sessions = new Memo<Session | undefined>()
  readonly #called = new Memo<readonly Session[]>()
  readonly #openOffers = new Memo<boolean>()
  readonly #tokens = new Memo<Token | undefined>()

  session(sql: Sql, id: string): Session | undefined {
    const session = this.#sessions.of(id, () => {
      const row = findSession(sql, id)
      return row && sessionOf(row)
    })
    return session && copyOf(session)
  }

  sessionsCalled(sql: Sql, reference: string): Session[] {
    return this.#called.of(reference, () => sessionsCalled(sql, reference)).map(copyOf)
  }

  hasOpenOffer(sql: Sql, sessionId: string): boolean {
    return this.#openOffers.of(sessionId, () => hasOpenOffer(sql, sessionId))
  }

  token(sql: Sql, id: string): Token | undefined {
    const token = this.#tokens.of(id, () => validToken(sql, id))
    return token && { ...token, scopes: [...token.scopes] }
  }

  forget(commands: readonly Command[]): void {
    for (const command of commands) {
      if (OF_TOKENS.includes(command.kind)) this.#tokens.forget()
      if (OF_NEITHER.includes(command.kind)) continue
      if (command.kind !== 'append' || command.event.replyTo !== undefined) this.#openOffers.forget()
      if (OF_OFFERS.includes(command.kind)) continue
      this.#sessions.forget()
      this.#called.forget()
    }
  }
}
