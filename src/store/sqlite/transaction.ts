import type { Conflict } from '../../bus/store.ts'
import type { Sql } from './sql.ts'

/** Leaves a half-done commit; the caller of `commit` gets the conflict as data. */
export class Refusal extends Error {
  readonly conflict: Conflict

  constructor(conflict: Conflict) {
    super(conflict.code)
    this.conflict = conflict
  }
}

/** The row that counts. It is read once per transaction and written once, however many commits the transaction carries. */
export interface Log {
  readonly newest: number
  readonly at: number
  readonly events: number
  readonly prunedUpTo: number
  readonly indexedUpTo: number
  readonly claimToken: number
}

/** What a command works with. `log` is replaced, never changed in place, so that it can be put back. */
export interface Transaction {
  readonly sql: Sql
  readonly now: number
  log: Log
}

export function readLog(sql: Sql): Log {
  return sql.one<Log>(
    `SELECT newest, at, events, pruned_up_to AS prunedUpTo, indexed_up_to AS indexedUpTo, claim_token AS claimToken
     FROM log`,
  )!
}

export function writeLog(sql: Sql, log: Log): void {
  sql.run(
    `UPDATE log SET newest = ?, at = ?, events = ?, pruned_up_to = ?, indexed_up_to = ?, claim_token = ?`,
    log.newest,
    log.at,
    log.events,
    log.prunedUpTo,
    log.indexedUpTo,
    log.claimToken,
  )
}
