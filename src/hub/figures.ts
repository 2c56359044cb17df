import type { Store } from '../bus/store.ts'

/** The store's figures in the words of the wire. */
export async function storeFigures(store: Store) {
  const { liveSessions, stateKeys, ...figures } = await store.stats()
  return { ...figures, live_sessions: liveSessions, state_keys: stateKeys }
}
