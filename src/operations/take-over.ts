import { OPERATOR_ID, trustOf } from '../bus/access.ts'
import { ageOf } from '../bus/age.ts'
import { counted } from '../bus/counted.ts'
import { BusError } from '../bus/errors.ts'
import type { StoredEvent } from '../bus/event.ts'
import { isOwnSession } from '../bus/own-sessions.ts'
import { joined, quoted, type Said, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import { plainName } from '../bus/session-name.ts'
import type { NewEvent } from '../bus/store.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { noticeTo } from './notices.ts'
import type { Call } from './operation.ts'
import { inPieces } from './pieces.ts'

/** Sessions that are looked at when another one starts: the last seen of its repository, or of its machine. */
const MAX_LOOKED_AT = 100
/** Those of them that a session is told of. */
const MAX_TOLD = 3
/** Messages of each that are counted. */
const MAX_COUNTED = 50

type Place = Pick<Session, 'id' | 'grantor' | 'machine' | 'repo' | 'worktree' | 'cwd'>

/**
 * Whether the work of `before` may go on in `session`: it has ended, was in the same folder of the same machine, and has its
 * authority of the same source. Where a session is, its own program says, so within one grantor that is no barrier.
 */
function mayFollow(session: Place, before: Session): boolean {
  return (
    before.endedAt !== undefined &&
    before.id !== session.id &&
    !isOwnSession(before) &&
    session.id !== OPERATOR_ID &&
    before.grantor === session.grantor &&
    before.machine === session.machine &&
    folderOf(before) !== undefined &&
    folderOf(before) === folderOf(session)
  )
}

function folderOf({ worktree, cwd }: Place): string | undefined {
  return worktree ?? cwd
}

/**
 * For the commit that makes a session: what those left unread for themselves that ended in its folder within its backfill.
 * A session that asks for none, as print mode and shells do, is told of nothing.
 */
export async function noticeOfLeftMail(store: StoreReads, session: Place, backfillMs: number): Promise<NewEvent[]> {
  if (backfillMs === 0 || folderOf(session) === undefined) return []
  const now = await store.now()
  const { machine, repo } = session
  const around = { machine, ...(repo === undefined ? {} : { repo }) }
  const found = await store.sessions({ ...around, includeEnded: true, limit: MAX_LOOKED_AT })
  const ended = found
    .filter(each => mayFollow(session, each) && each.endedAt! >= now - backfillMs)
    .sort((a, b) => b.endedAt! - a.endedAt!)
  const left: Said[] = []
  const codenames: string[] = []
  for (const each of ended) {
    if (left.length === MAX_TOLD) break
    const { events, more } = await store.unreadDirect(each.id, MAX_COUNTED)
    // What the bus told it is no reason to go on with its work.
    const letters = events.filter(({ senderId }) => trustOf(senderId) !== 'system')
    if (letters.length === 0) continue
    left.push(leftBy(each, letters, more, now))
    codenames.push(each.codename)
  }
  if (left.length === 0) return []
  const text = say`${joined('; ', left)}. If you go on with that work, take the messages over: \`inbox\` with \`take_over\` ${joined(' or ', codenames)}.`
  return [noticeTo(session.id, text)]
}

function leftBy(session: Session, events: readonly StoredEvent[], more: boolean, now: number): Said {
  const senders = [...new Set(events.map(({ senderName }) => senderName))].slice(0, 3)
  const count = more ? say`${events.length} or more unread messages` : counted(events.length, 'unread message')
  const age = ageOf(session.endedAt!, now)
  const ended = age === undefined ? say('just now') : say`${age} ago`
  return say`${session.name} (${session.codename}) ended in this folder ${ended} and left ${count}, from ${senders}`
}

/** Moves the direct mail of an ended session to the caller's. Again it moves what has come since, and nothing twice. */
export async function takeOver(call: Call, session: Session, reference: string): Promise<void> {
  const { id } = await endedCalled(call, session, reference)
  for await (const _ of inPieces(call, { kind: 'takeOver', sessionId: session.id, endedId: id }));
}

/** A name may be that of a living session by now, the caller's own as a rule: it means the last that ended here. */
async function endedCalled({ bus: { store } }: Call, session: Session, reference: string): Promise<Session> {
  const written = await store.sessionsCalled(reference)
  const found = written.length > 0 ? written : await store.sessionsCalled(plainName(reference))
  const [last] = found.filter(each => mayFollow(session, each)).sort((a, b) => b.endedAt! - a.endedAt!)
  if (last) return last
  const [other] = found
  if (other === undefined) {
    throw new BusError('not_found', say`there is no session ${quoted(reference)}`, {
      next: 'See `list_sessions` with `include_gone`.',
    })
  }
  if (other.endedAt === undefined) {
    throw new BusError('forbidden', say`expected a session that has ended; ${other.name} has not`, {
      next: 'Its messages are its own to read.',
    })
  }
  throw new BusError(
    'forbidden',
    say`expected a session that ended in your folder, on your machine, of the same owner; ${other.name} is another`,
    { next: 'Its messages wait for it. Who sent them may send them to you.' },
  )
}
