import { closeSync, copyFileSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { isLogDamaged } from './log-frames.ts'
import type { Sql } from './sql.ts'

/*
 * SQLite keeps the latest commits in a log beside the file (`-wal`) and merges them into it from time to time. It does not
 * know which log goes with which file: a log that was lost, or that lies beside a file restored from a backup, goes
 * unnoticed, and the second comes out mixed. So the file's header names the generation of its log (in `application_id`,
 * which is there for the use of applications): the number that SQLite draws for the first generation of a log, and counts
 * up each time it begins the log anew. The name is written before each merge, so the file knows what it has taken in:
 *
 *   0        nobody has named it: an older version of this program wrote the file
 *   CLOSED   closed cleanly: there is no log
 *   n        the log is generation n, or n + 1 where it was begun anew since the last merge
 */

const CLOSED = 1

/** Frames that are merged at a time: 4 MiB. */
const MERGE_FRAMES = 1_000
/** Counting the frames is two microseconds, and not needed after each commit. */
const COUNT_EVERY = 16

/** Where SQLite puts them; https://sqlite.org/fileformat2.html */
const HEADER = { at: 68, bytes: 4 }
const LOG_HEADER = { bytes: 32, magic: 0x377f0682, salt: 16 }
const FRAME_HEADER_BYTES = 24
const PAGE_BYTES = 4_096

export const logOf = (path: string) => `${path}-wal`

/** What is wrong with the log of a file that nobody has open. */
export function faultOfLog(path: string): 'lost' | 'orphaned' | 'foreign' | 'damaged' | undefined {
  const named = nameIn(path)
  const log = readLogHeader(path)
  // SQLite would delete it.
  if (log !== undefined && isEmpty(path)) return 'orphaned'
  if (named === undefined || named === 0) return undefined
  if (named === CLOSED) return log === undefined || log.isBegunOnly ? undefined : 'foreign'
  if (log === undefined) return 'lost'
  if (!isGeneration(log.generation, named)) return 'foreign'
  return isLogDamaged(logOf(path)) ? 'damaged' : undefined
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** Whether a log of this generation goes with a file whose header names that one. */
function isGeneration(generation: number, named: number): boolean {
  return generation === named || generation === (named + 1) >>> 0
}

/** Takes a log away from a file that it does not belong to. Nobody may have the file open. Says where it is now. */
export function layAside(path: string): string {
  const aside = asideOf(logOf(path))
  renameSync(logOf(path), aside)
  rmSync(`${path}-shm`, { force: true })
  return aside
}

/** A copy of a log of which SQLite reads what it can, and then writes over it. Says where it is. */
export function keepLog(path: string): string {
  const aside = asideOf(logOf(path))
  copyFileSync(logOf(path), aside)
  return aside
}

/** Lays it aside while it is open here: what SQLite would still merge when it closes the file cannot be read any more. */
export function layOpenAside(path: string): string {
  const aside = asideOf(logOf(path))
  copyFileSync(logOf(path), aside)
  truncateSync(logOf(path))
  return aside
}

export function asideOf(path: string): string {
  return `${path}.aside-${new Date().toISOString().replaceAll(/[-:]|\..*/g, '')}`
}

/** Names the generations of the log in the file, and merges them. */
export class LogGeneration {
  readonly #sql: Sql
  readonly #path: string
  readonly #file: number
  #commits = 0
  isNamed = false

  /** `file`: open for reading. */
  constructor(sql: Sql, path: string, file: number) {
    this.#sql = sql
    this.#path = path
    this.#file = file
  }

  /** To be called before the first commit, which is going to be in the log. */
  begin(): void {
    if (!this.isNamedRight()) {
      // Where there is no log yet, writing anything makes SQLite draw its number.
      if (this.#generation === undefined) this.#name(0)
      this.merge()
    }
    this.isNamed = this.isNamedRight()
  }

  /** To be called after each commit: whether it is time to merge. */
  isDue(): boolean {
    this.#commits++
    if (this.#commits % COUNT_EVERY !== 0) return false
    const { log, checkpointed } = this.#sql.one<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')!
    return log - checkpointed >= MERGE_FRAMES
  }

  merge(): void {
    const generation = this.#generation
    if (generation !== undefined && generation !== nameIn(this.#file)) this.#name(generation)
    this.#sql.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }

  /** To be called before the connection is closed. */
  end(): void {
    // First, so that the name finds room in the log on a disk that is full.
    this.merge()
    this.#name(CLOSED)
    this.#sql.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  }

  get #generation(): number | undefined {
    return readLogHeader(this.#path)?.generation
  }

  /** Whether the file, without its log, names the log that is there. */
  isNamedRight(): boolean {
    const [generation, named] = [this.#generation, nameIn(this.#file)]
    return generation !== undefined && named !== undefined && isGeneration(generation, named)
  }

  #name(generation: number): void {
    this.#sql.exec(`PRAGMA application_id = ${generation | 0}`)
  }
}

/** The generation that a file's header names: of the file itself, without its log. */
export function nameIn(file: string | number): number | undefined {
  return readBytes(file, HEADER.at, HEADER.bytes)?.readUInt32BE(0)
}

interface LogHeader {
  readonly generation: number
  /** Nothing but the file's own header was written to it. */
  readonly isBegunOnly: boolean
}

function readLogHeader(path: string): LogHeader | undefined {
  const log = logOf(path)
  const header = readBytes(log, 0, LOG_HEADER.bytes)
  // The lowest bit says in which order its sums are counted.
  if (header === undefined || (header.readUInt32BE(0) & ~1) >>> 0 !== LOG_HEADER.magic) return undefined
  const generation = header.readUInt32BE(LOG_HEADER.salt)
  const frame = LOG_HEADER.bytes + 2 * (FRAME_HEADER_BYTES + PAGE_BYTES)
  return { generation, isBegunOnly: readBytes(log, frame, FRAME_HEADER_BYTES) === undefined }
}

/** Undefined where there are not so many. */
function readBytes(file: string | number, at: number, count: number): Buffer | undefined {
  const bytes = Buffer.alloc(count)
  const read = (fd: number) => readSync(fd, bytes, 0, count, at) === count
  if (typeof file === 'number') return read(file) ? bytes : undefined
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return read(fd) ? bytes : undefined
  } finally {
    closeSync(fd)
  }
}
