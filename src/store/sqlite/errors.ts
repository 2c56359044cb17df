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

/** The index of the log, which all connections share, can not be opened, sized or mapped. */
const NO_SHARED_INDEX = new Set([4618, 4874, 5386])

export function isIdTaken(error: unknown): boolean {
  return extendedCode(error) === CONSTRAINT_PRIMARYKEY
}

/** The disk has no room for what SQLite puts beside the file, or the file system can not share memory. */
export function hasNoRoomBeside(error: unknown): boolean {
  const code = extendedCode(error)
  return code !== undefined && (NO_SHARED_INDEX.has(code) || [FULL, CANTOPEN].includes(code & 0xff))
}

export function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error)
  return code === undefined ? undefined : code & 0xff
}

/** The drivers have it under different names. */
function extendedCode(error: unknown): number | undefined {
  const { sqliteExtendedCode, errcode } = (error ?? {}) as { sqliteExtendedCode?: unknown; errcode?: unknown }
  if (typeof sqliteExtendedCode === 'number') return sqliteExtendedCode
  return typeof errcode === 'number' ? errcode : undefined
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
