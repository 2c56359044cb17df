import { BusError } from '../bus/errors.ts'
import { isFatal as isFatalToSqlite } from '../store/sqlite/errors.ts'

/**
 * Whether the hub must not go on: its store has failed for good, and nothing that the hub holds in memory is worth more
 * than a fresh start. A full disk is no such thing (reads go on, and space may come), nor is a store that some tool keeps
 * locked for a moment, nor one damaged event, which would fail again after every start.
 */
export function isFatal(error: unknown): boolean {
  return error instanceof BusError && error.code === 'store_unavailable' && isFatalToSqlite(error.cause)
}
