import type { StoredEvent } from '../../bus/event.ts'
import type { Conflict } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import type { Tail } from './tail.ts'

/** Leaves a half-done commit; the caller of `commit` gets the conflict as data. */
export class Refusal extends Error {
  readonly conflict: Conflict

  constructor(conflict: Conflict) {
    super(conflict.code)
    this.conflict = conflict
  }
}

/** What is counted. It is read once per transaction and written at most once, however many commits it carries. */
export interface Log {
  readonly newest: number
  readonly at: number
  /** How far the store's clock was ahead of its machine's when the row was written. */
  readonly aheadMs: number
  readonly events: number
  readonly prunedUpTo: number
  readonly indexedUpTo: number
  readonly claimToken: number
}

/** What a command works with. `log` is replaced, never changed in place, so that it can be put back. */
export interface Transaction {
  readonly sql: Sql
  readonly now: number
  readonly tail: Tail
  /** Rows that one piece of a long work may take. */
  readonly pieceRows: number
  /** The oldest first. */
  readonly appended: StoredEvent[]
  log: Log
}

/** The row, and the events after the last that it knows of: they have no gaps, because whatever makes one writes the row. */
export function readLog(sql: Sql): Log {
  const { lastId, lastAt, ...row } = sql.one<Log & { lastId: number | null; lastAt: number | null }>(
    `SELECT log.newest, log.at, log.ahead_ms AS aheadMs, log.events, log.pruned_up_to AS prunedUpTo, log.indexed_up_to AS indexedUpTo,
       log.claim_token AS claimToken, last.id AS lastId, last.at AS lastAt
     FROM log log LEFT JOIN events last ON last.id = (SELECT max(id) FROM events)`,
  )!
  if (lastId === null || lastAt === null || lastId <= row.newest) return row
  return { ...row, newest: lastId, at: lastAt, events: row.events + lastId - row.newest }
}

/** The log is not as it was taken to be: another connection has appended to it. The transaction is to be done anew. */
export class StaleLog extends Error {}

/** The log as this connection left it, for as long as no other has written: asking that takes a tenth of reading it. */
export class KnownLog {
  #version: number | undefined
  #log: Log | undefined

  /** Without asking: good enough to append by, because an id that another connection has taken meanwhile is refused. */
  get assumed(): Log | undefined {
    return this.#log
  }

  /** To be called in a transaction. `onForeign` is told where another connection has written meanwhile. */
  read(sql: Sql, onForeign: (log: Log) => void): Log {
    const { data_version } = sql.one<{ data_version: number }>('PRAGMA data_version')!
    if (this.#log !== undefined && data_version === this.#version) return this.#log
    const log = readLog(sql)
    onForeign(log)
    this.#version = data_version
    this.#log = log
    return log
  }

  /** After a transaction that was undone: what was made of another's writing in it is undone too. */
  forget(): void {
    this.#log = undefined
  }

  /** What the transaction that was kept has made of it. */
  keep(log: Log): void {
    this.#log = log
  }
}

/** Writes the row, unless the events that were appended tell the difference by themselves: that spares a page. */
export function writeLog(sql: Sql, log: Log, before: Log): void {
  const appended = log.newest - before.newest
  const toldByEvents =
    appended > 0 &&
    log.events === before.events + appended &&
    log.prunedUpTo === before.prunedUpTo &&
    log.indexedUpTo === before.indexedUpTo &&
    log.claimToken === before.claimToken
  if (toldByEvents) return
  sql.run(
    `UPDATE log SET newest = ?, at = ?, ahead_ms = ?, events = ?, pruned_up_to = ?, indexed_up_to = ?, claim_token = ?`,
    log.newest,
    log.at,
    log.aheadMs,
    log.events,
    log.prunedUpTo,
    log.indexedUpTo,
    log.claimToken,
  )
}
