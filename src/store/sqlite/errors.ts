import { BusError } from '../../bus/errors.ts'
import { retold, type Said, say } from '../../bus/say.ts'

/** Primary result codes; https://sqlite.org/rescode.html */
export const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
export const CORRUPT = 11
export const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

const IOERR_WRITE = 778

/** After one of these the store cannot know what is on the disk, so it must not go on. */
const FATAL = new Set([READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB])

/** An extended one: the id is taken. */
const CONSTRAINT_PRIMARYKEY = 1555

/** The index of the log, which all connections share, cannot be opened, sized or mapped. */
const NO_SHARED_INDEX = new Set([4618, 4874, 5386])

export function isIdTaken(error: unknown): boolean {
  return extendedCode(error) === CONSTRAINT_PRIMARYKEY
}

/** The disk has no room for what SQLite puts beside the file, or the file system cannot share memory. */
export function hasNoRoomBeside(error: unknown): boolean {
  const code = extendedCode(error)
  return code !== undefined && (NO_SHARED_INDEX.has(code) || [FULL, CANTOPEN].includes(code & 0xff))
}

export function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error)
  return code === undefined ? undefined : code & 0xff
}

/** The drivers have it under different names, and the packaged one leaves it out where it was reading several rows. */
function extendedCode(error: unknown): number | undefined {
  const { sqliteExtendedCode, errcode, code, message } = (error ?? {}) as Record<string, unknown>
  if (typeof sqliteExtendedCode === 'number') return sqliteExtendedCode
  if (typeof errcode === 'number') return errcode
  if (code !== 'ERR_SQLITE_ERROR') return undefined
  return String(message).startsWith('fts5: corrupt') ? CORRUPT_VTAB : MEANINGS.get(String(message))
}

/** How SQLite says what a code means (`sqlite3_errstr`). */
const MEANINGS = new Map([
  ['database is locked', BUSY],
  ['database table is locked', LOCKED],
  ['attempt to write a readonly database', READONLY],
  ['disk I/O error', IOERR],
  ['database disk image is malformed', CORRUPT],
  ['database or disk is full', FULL],
  ['unable to open database file', CANTOPEN],
  ['file is not a database', NOTADB],
])

/** SQLite takes a quota that is used up (EDQUOT) for an I/O error; only a write that failed is one that was not done. */
export function mayLackRoom(error: unknown): boolean {
  return extendedCode(error) === IOERR_WRITE
}

/** The table that was to hold what one of its columns cannot hold. The program never asks for that by itself. */
export function refusingTable(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  return /^(?:cannot store \w+ value in \w+ column|NOT NULL constraint failed:) (\w+)\./.exec(message)?.[1]
}

/** A driver was to read a whole value that no number holds exactly. */
export function isTooLarge(error: unknown): boolean {
  return (
    error instanceof Error && error.message.startsWith('Value is too large to be represented as a JavaScript number')
  )
}

/** Says FULL in the place of such an error. */
export class NoRoom extends Error {
  readonly errcode = FULL
}

/** Another file stands where this connection opened its own, or none: nobody would read again what is written here. */
export class ReplacedFile extends Error {
  readonly path: string
  readonly how: 'removed' | 'replaced' | 'overwritten'

  constructor(path: string, how: ReplacedFile['how']) {
    super(`${path} was ${how}`)
    this.path = path
    this.how = how
  }
}

/** The word index, which is made anew from the events like the other indexes of them. */
const CORRUPT_VTAB = 267

/** The table in which something was found to be damaged that can be put right. */
export function damagedTable(error: unknown): string | undefined {
  if (error instanceof DamagedRow) return error.table === 'events' ? undefined : error.table
  return extendedCode(error) === CORRUPT_VTAB ? 'words' : undefined
}

/** A row that is not as it was written. `eventId`: the damaged event, or the one that the row leads to. */
export class DamagedRow extends Error {
  readonly table: string
  readonly eventId: number | undefined

  constructor(table: string, eventId?: number) {
    super(`a row of ${table} is damaged`)
    this.table = table
    this.eventId = eventId
  }
}

/** After damage the store is to be opened anew, without it (`mend.ts`); but an event that is damaged stays where it is. */
export function isFatal(error: unknown): boolean {
  if (error instanceof DamagedRow) return error.table !== 'events'
  return error instanceof ReplacedFile || FATAL.has(resultCode(error) ?? -1)
}

/** What SQLite says of the disk, as the bus says it; anything else stays what it is. `path`: the store's file. */
export function storeError(error: unknown, path: string): unknown {
  const unable = (code: 'store_unavailable' | 'store_full', message: Said, next: Said) =>
    new BusError(code, message, { next, cause: error })
  const code = resultCode(error)
  if (code === FULL) {
    return unable(
      'store_full',
      say`the disk that holds ${path} is full, or the quota on it is used up; nothing of this was kept`,
      say('Free some space on it, then try again.'),
    )
  }
  if (code === BUSY || code === LOCKED) {
    return unable('store_unavailable', say`another process keeps ${path} locked`, say('Try again.'))
  }
  if (code === NOTADB) {
    return unable(
      'store_unavailable',
      say`expected a store of Switchboard at ${path}, got something else: ${retold((error as Error).message)}`,
      say('Put another data folder or the right file in its place.'),
    )
  }
  if (error instanceof ReplacedFile) {
    return unable(
      'store_unavailable',
      say`${error.path} was ${error.how} while the hub had it open`,
      say('Try again: the next hub opens what is there now. What was stored before is where that file is.'),
    )
  }
  if (error instanceof DamagedRow && error.table === 'events') {
    return new BusError('store_unavailable', say`event ${error.eventId ?? 0} is damaged on the disk, in ${path}`, {
      next: 'Run `switchboard doctor`.',
      details: { event_id: error.eventId },
      cause: error,
    })
  }
  if (error instanceof DamagedRow) {
    return unable(
      'store_unavailable',
      say`a row of ${error.table} in ${path} is damaged on the disk`,
      say('Try again: the next hub goes on without it, and `switchboard doctor` tells of it.'),
    )
  }
  if (isFatal(error)) {
    return unable(
      'store_unavailable',
      say`${path} cannot be read or written: ${retold((error as Error).message)}`,
      say('Look at the disk, then run `switchboard doctor`.'),
    )
  }
  return error
}
