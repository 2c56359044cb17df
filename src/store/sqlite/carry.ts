import type { Authority } from '../../bus/access.ts'
import type { Command, Commit, IdempotencyKey } from '../../bus/store.ts'
import type { CallerMemo } from './caller-memo.ts'
import { execute } from './commands.ts'
import { FULL, isFatal, resultCode } from './errors.ts'
import { append } from './events.ts'
import { rememberedKey, rememberKey } from './keys.ts'
import { Refusal, StaleLog, type Transaction } from './transaction.ts'

export interface Asked {
  readonly commands: readonly Command[]
  readonly key: IdempotencyKey | undefined
  readonly authority: Authority | undefined
}

export type Outcome = { readonly commit: Commit } | { readonly fault: unknown }

/**
 * Carries one commit inside a transaction that others may share. What it did is undone when one of its commands is
 * refused, and also when it fails by itself (a value that JSON cannot write): neither may harm the others. Where there
 * are none, the transaction is left to be undone whole. Only what leaves nothing in the transaction to be kept is thrown:
 * what the disk refuses, and a log that is not as it was taken to be.
 */
export function carry(
  transaction: Transaction,
  memo: CallerMemo,
  { commands, key, authority }: Asked,
  isShared: boolean,
): Outcome {
  const { sql, now: at, log, appended } = transaction
  const { length } = appended
  const why = authority && memo.lapse(sql, authority)
  if (why !== undefined) return { commit: { ok: false, at, failed: 0, conflict: { code: 'unauthorised', why } } }
  const known = key && rememberedKey(transaction, key)
  if (key && known) {
    if (known.fingerprint !== key.fingerprint) {
      return { commit: { ok: false, at, failed: 0, conflict: { code: 'key_reused' } } }
    }
    return { commit: { ok: true, at: known.at, results: known.results() as never, replayed: true } }
  }
  if (key?.onlyRepeat) return { commit: { ok: false, at, failed: 0, conflict: { code: 'not_found', what: 'key' } } }
  const results: unknown[] = []
  if (isShared) sql.run('SAVEPOINT one')
  try {
    const [first] = commands
    if (key && commands.length === 1 && first?.kind === 'append') {
      const stored = append(transaction, first, key)
      results.push(stored)
      transaction.tail.note(key, stored)
    } else {
      for (const command of commands) results.push(execute(transaction, command))
      if (key) rememberKey(sql, at, key, results)
    }
    if (isShared) sql.run('RELEASE one')
    return { commit: { ok: true, at, results: results as never, replayed: false } }
  } catch (error) {
    if (isOfDisk(error) || error instanceof StaleLog) throw error
    if (isShared) {
      sql.run('ROLLBACK TO one')
      sql.run('RELEASE one')
    }
    transaction.log = log
    appended.length = length
    if (!(error instanceof Refusal)) return { fault: error }
    return { commit: { ok: false, at, failed: results.length, conflict: error.conflict } }
  }
}

/** On a full disk, too, SQLite may have rolled back the whole transaction already. */
function isOfDisk(error: unknown): boolean {
  return isFatal(error) || resultCode(error) === FULL
}
