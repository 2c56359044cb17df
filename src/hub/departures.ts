import { departure } from '../bus/departure.ts'
import { ENDED, GONE_MS } from '../bus/session.ts'
import type { Store } from '../bus/store.ts'
import { inPieces } from '../operations/pieces.ts'

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

/** Ends sessions that have been silent for so long that they count as gone. Says how many. */
export async function sweep(store: Store): Promise<number> {
  let sessions = 0
  for await (const { ended } of inPieces(store, { kind: 'sweep', silentMs: GONE_MS })) {
    sessions += ended.length
    const departures = ended.map(
      session => ({ kind: 'append', event: departure(session, session.endReason ?? ENDED.silent) }) as const,
    )
    if (departures.length > 0) await store.commit(departures)
  }
  return sessions
}
