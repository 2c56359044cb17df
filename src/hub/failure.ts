import { BusError } from '../bus/errors.ts'
import { resultCode } from '../store/sqlite/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/**
 * Whether the hub must not go on: its store can neither be read nor written, and nothing that it holds in memory is
 * worth more than a fresh start. A full disk is no such thing (reads go on, and space may come), nor is a store that
 * some tool keeps locked for a moment.
 */
export function isFatal(error: unknown): boolean {
  if (!(error instanceof BusError) || error.code !== 'store_unavailable') return false
  const code = resultCode(error.cause)
  return code !== SQLITE_BUSY && code !== SQLITE_LOCKED
}
