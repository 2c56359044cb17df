import { defined } from '../../bus/defined.ts'
import { ENDED } from '../../bus/session.ts'
import type { Commands } from '../../bus/store.ts'
import { endSome } from './endings.ts'
import { forgetOldKeys } from './keys.ts'
import { silentSince } from './sessions.ts'
import type { Sql } from './sql.ts'
import { orphans } from './tokens.ts'
import type { Transaction } from './transaction.ts'

/** Also what a revocation that broke off has left, and forgets what has run out: old keys and expired claims. */
export function sweep(transaction: Transaction, { silentMs }: Commands['sweep']['needs']): Commands['sweep']['gives'] {
  const { sql, now, pieceRows } = transaction
  const orphaned = orphans(sql, pieceRows + 1)
  const silent = silentSince(sql, now - silentMs, pieceRows + 1).filter(id => !orphaned.includes(id))
  const leaving = [
    ...orphaned.map(id => ({ id, reason: ENDED.tokenRevoked })),
    ...silent.map(id => ({ id, reason: ENDED.silent })),
  ]
  const { ended, rows } = endSome(transaction, leaving)
  const left = Math.max(0, pieceRows - rows)
  const isRest =
    ended.length < leaving.length || forgetOldKeys(transaction, left) === left || forgetClaims(sql, now, left) === left
  return defined({ ended, next: isRest || undefined })
}

function forgetClaims(sql: Sql, now: number, limit: number): number {
  return sql.change(
    'DELETE FROM claims WHERE (area, path) IN (SELECT area, path FROM claims WHERE expires_at <= ? LIMIT ?)',
    now,
    limit,
  )
}
