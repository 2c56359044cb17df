import { BusError } from '../../bus/errors.ts'
import { retold, say } from '../../bus/say.ts'

/** Primary result codes; https://sqlite.org/rescode.html */
export const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
export const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** After one of these the store can not know what is on the disk, so it must not go on. */
const FATAL = new Set([READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB])

/** An extended one: the id is taken. */
const CONSTRAINT_PRIMARYKEY = 1555

export function isIdTaken(error: unknown): boolean {
  return (error as { errcode?: unknown } | undefined)?.errcode === CONSTRAINT_PRIMARYKEY
}

export function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

export function isFatal(error: unknown): boolean {
  return FATAL.has(resultCode(error) ?? -1)
}

/** What SQLite says of the disk, as the bus says it; anything else stays what it is. */
export function storeError(error: unknown): unknown {
  const code = resultCode(error)
  if (code === FULL) {
    return new BusError('store_full', 'the disk that holds the store is full; nothing of this was kept', {
      next: 'Free some space on it, or prune old events.',
      cause: error,
    })
  }
  if (code === BUSY || code === LOCKED) {
    return new BusError('store_unavailable', 'another process keeps the store locked', {
      next: 'Try again.',
      cause: error,
    })
  }
  if (isFatal(error)) {
    return new BusError(
      'store_unavailable',
      say`the store can not be read or written: ${retold((error as Error).message)}`,
      {
        next: 'Look at the disk, then run `switchboard doctor`.',
        cause: error,
      },
    )
  }
  return error
}
