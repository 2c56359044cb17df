import { retold, say } from '../bus/say.ts'
import { GONE_MS, type Session } from '../bus/session.ts'
import type { NewEvent, Store } from '../bus/store.ts'

/** Ends a session that nobody unregistered, and tells the others. Says whether there was one to end. */
export async function endSession(store: Store, sessionId: string, reason: string): Promise<boolean> {
  const session = await store.session(sessionId)
  if (session === undefined || session.endedAt !== undefined) return false
  const commit = await store.commit([
    { kind: 'endSession', id: sessionId, reason },
    { kind: 'append', event: left(session, reason) },
  ])
  return commit.ok
}

/** Ends sessions that have been silent for so long that they count as gone. */
export async function sweep(store: Store): Promise<number> {
  const commit = await store.commit([{ kind: 'sweep', silentMs: GONE_MS }])
  const ended = commit.ok ? commit.results[0].ended : []
  if (ended.length > 0) {
    await store.commit(ended.map(session => ({ kind: 'append', event: left(session, 'silent') }) as const))
  }
  return ended.length
}

function left(session: Session, reason: string): NewEvent {
  return {
    type: 'session_unregistered',
    channels: ['all'],
    senderId: session.id,
    senderName: session.name,
    text: say`${session.name} (${session.codename}) left: ${retold(reason)}`.text,
    level: 'lifecycle',
    urgency: 'quiet',
    hops: 0,
  }
}
