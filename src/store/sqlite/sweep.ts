import { defined } from '../../bus/defined.ts'
import type { Commands } from '../../bus/store.ts'
import { endSome } from './endings.ts'
import { forgetOldKeys } from './keys.ts'
import { silentSince } from './sessions.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

/** Also forgets what has run out: old keys and expired claims. */
export function sweep(transaction: Transaction, { silentMs }: Commands['sweep']['needs']): Commands['sweep']['gives'] {
  const { sql, now, pieceRows } = transaction
  const silent = silentSince(sql, now - silentMs, pieceRows + 1)
  const { ended, rows } = endSome(transaction, silent, 'silent')
  const left = Math.max(0, pieceRows - rows)
  const isRest =
    ended.length < silent.length || forgetOldKeys(transaction, left) === left || forgetClaims(sql, now, left) === left
  return defined({ ended, next: isRest || undefined })
}

function forgetClaims(sql: Sql, now: number, limit: number): number {
  return sql.change(
    'DELETE FROM claims WHERE (area, path) IN (SELECT area, path FROM claims WHERE expires_at <= ? LIMIT ?)',
    now,
    limit,
  )
}
