import { crc32 } from 'node:zlib'
import { isText } from '../../bus/text.ts'
import type { Database, Held, Statement, Value } from './driver.ts'
import { DamagedRow, isTooLarge, mayLackRoom, NoRoom, refusingTable } from './errors.ts'
import { hasRoomBeside } from './room.ts'
import { NO_SUM, sumOf } from './sum.ts'

/** Where a statement reads from a table, and does not name the schema before it. */
const READ_TABLE = /(?<!DELETE )\b(FROM|JOIN)\s+(\w+)\b/g

/** The connection with its prepared statements: each text is prepared once and found again by a map look-up (~50 ns). */
export class Sql {
  readonly #database: Database
  readonly #path: string
  readonly #prepared = new Map<string, Statement>()
  /** Readings of these tables, but for those that name the schema (`main.sessions`). */
  #summed: ReadonlySet<string> = new Set()
  /** Met while a statement ran; the packaged driver passes on another error. */
  #damage: DamagedRow | undefined

  constructor(database: Database, path: string) {
    this.#database = database
    this.#path = path
    const define = (name: string, work: (...values: Held[]) => number) =>
      database.function(name, { varargs: true, useBigIntArguments: true }, work)
    define('sum_of', (...values) => sumOf(values))
    define('crc_of', text => crc32(String(text)))
    define('is_sound', (table, sum, ...values) => this.#requireSum(table, sum, values))
    define('sum_first', (table, ...values) => this.#newSum(table, values))
    define('sum_anew', (table, sum, ...values) => {
      const columns = values.length / 2
      this.#requireSum(table, sum, values.slice(0, columns))
      return this.#newSum(table, values.slice(columns))
    })
  }

  /** From now on; see `row-sums.ts`. */
  readThroughViews(tables: readonly string[]): void {
    this.#summed = new Set(tables)
    this.#prepared.clear()
  }

  /** By the driver's `get`: its `run` makes an object of counts each time, a quarter of what a small insert takes. */
  run(text: string, ...values: Value[]): void {
    this.#told(() => this.#statement(text).get(...spelledOut(values)))
  }

  /** Inserts a row by the values of all its columns, and its sum after them: the trigger that adds a sum writes it twice. */
  runSummed(text: string, ...values: Value[]): void {
    const kept = spelledOut(values)
    this.run(text, ...kept, sumOf(kept))
  }

  /** The same, for those who want to know how many rows it has changed. */
  change(text: string, ...values: Value[]): number {
    return this.#told(() => Number(this.#statement(text).run(...spelledOut(values)).changes))
  }

  /** The first row. */
  one<T>(text: string, ...values: Value[]): T | undefined {
    return this.#told(() => read(this.#statement(text), each => each.get(...spelledOut(values)) as T | undefined))
  }

  all<T>(text: string, ...values: Value[]): T[] {
    return this.#told(() => read(this.#statement(text), each => each.all(...spelledOut(values)) as T[]))
  }

  has(text: string, ...values: Value[]): boolean {
    return this.one(text, ...values) !== undefined
  }

  exec(text: string): void {
    this.#told(() => this.#database.exec(text))
  }

  /** After a fault. SQLite has done so by itself where the disk is full or fails: that must not hide why. */
  rollback(): void {
    try {
      this.run('ROLLBACK')
    } catch {
      // Nothing was begun, or it is undone already.
    }
  }

  /** What SQLite otherwise keeps from being changed: the list of what is in the file. */
  changeSchema(text: string): void {
    // An older driver has no such guard.
    this.#database.enableDefensive?.(false)
    try {
      this.exec(`PRAGMA writable_schema = ON; ${text}`)
    } finally {
      this.exec('PRAGMA writable_schema = RESET')
      this.#database.enableDefensive?.(true)
    }
  }

  /**
   * The last to close a file merges its log into it. The packaged driver gives the file up only when its statements are
   * collected, perhaps never before the process ends, so the log is merged here.
   */
  close(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // Nothing is lost: the next opening reads the log.
    }
    this.#prepared.clear()
    this.#database.close()
  }

  #told<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const error = this.#damage ?? this.#damageBehind(cause) ?? cause
      this.#damage = undefined
      throw mayLackRoom(error) && !hasRoomBeside(this.#path) ? new NoRoom(String(error), { cause: error }) : error
    }
  }

  /** SQLite refuses to change a row that has what its column cannot hold, before the sum of the row is looked at. */
  #damageBehind(error: unknown): DamagedRow | undefined {
    const table = refusingTable(error)
    if (table === undefined) return undefined
    try {
      this.#database.prepare(`SELECT count(*) FROM sound_${table}`).get()
    } catch {
      // It has met the damage, or the table has no sums.
    }
    return this.#damage
  }

  #requireSum(table: Held, sum: Held, values: readonly Held[]): 1 {
    if (this.#newSum(table, values) !== Number(sum)) throw this.#damaged(table)
    return 1
  }

  /** What is counted on from a damaged value is damaged, too. */
  #newSum(table: Held, values: readonly Held[]): number {
    const sum = sumOf(values)
    if (sum === NO_SUM) throw this.#damaged(table)
    return sum
  }

  #damaged(table: Held): DamagedRow {
    this.#damage = new DamagedRow(String(table))
    return this.#damage
  }

  #readingSound(text: string): string {
    return text.replace(READ_TABLE, (read, word, table) => (this.#summed.has(table) ? `${word} sound_${table}` : read))
  }

  #statement(text: string): Statement {
    let statement = this.#prepared.get(text)
    if (statement === undefined) {
      statement = this.#database.prepare(this.#readingSound(text))
      this.#prepared.set(text, statement)
    }
    return statement
  }
}

/**
 * The drivers refuse a whole value that no number holds exactly. Such a value was never written: it is read as the nearest
 * number, and found out like any other damage, by the sum of its row or by what it leads to.
 */
function read<T>(statement: Statement, read: (statement: Statement) => T): T {
  try {
    return read(statement)
  } catch (error) {
    if (!isTooLarge(error)) throw error
    statement.setReadBigInts(true)
    try {
      return withNumbers(read(statement))
    } finally {
      statement.setReadBigInts(false)
    }
  }
}

function withNumbers<T>(found: T): T {
  for (const row of Array.isArray(found) ? found : [found]) {
    for (const [name, value] of Object.entries(row ?? {})) if (typeof value === 'bigint') row[name] = Number(value)
  }
  return found
}

/**
 * SQLite cannot hold half a character, and one of the drivers cuts text at U+0000: two keys would become one. What a
 * thing is looked up by is spelled out instead, so that it equals itself alone; the thing itself is kept as JSON, which
 * escapes both. The mark is a code point that is no character.
 */
function spelledOut(values: Value[]): Value[] {
  if (values.every(value => typeof value !== 'string' || isText(value))) return values
  return values.map(value => (typeof value === 'string' ? asKept(value) : value))
}

/** A text as it comes back from a column. */
export function asKept(text: string): string {
  return text.replace(NO_TEXT, spelling)
}

const NO_TEXT = /\0|\p{Cs}/gu

function spelling(unit: string): string {
  return `\u{10ffff}${unit.charCodeAt(0).toString(16)}`
}
