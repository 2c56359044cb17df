import { departure } from '../bus/departure.ts'
import { ENDED, GONE_MS } from '../bus/session.ts'
import type { Store } from '../bus/store.ts'

/** Ends a session that nobody unregistered, and tells the others. Says whether there was one to end. */
export async function endSession(store: Store, sessionId: string, reason: string): Promise<boolean> {
  const session = await store.session(sessionId)
  if (session === undefined || session.endedAt !== undefined) return false
  const commit = await store.commit([
    { kind: 'endSession', id: sessionId, reason },
    { kind: 'append', event: departure(session, reason) },
  ])
  return commit.ok
}

/** Ends sessions that have been silent for so long that they count as gone. */
export async function sweep(store: Store): Promise<number> {
  const commit = await store.commit([{ kind: 'sweep', silentMs: GONE_MS }])
  const ended = commit.ok ? commit.results[0].ended : []
  if (ended.length > 0) {
    await store.commit(ended.map(session => ({ kind: 'append', event: departure(session, ENDED.silent) }) as const))
  }
  return ended.length
}
