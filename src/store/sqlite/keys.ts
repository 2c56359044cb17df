import { type IdempotencyKey, KEY_MEMORY_MS } from '../../bus/store.ts'
import { findEvent } from './event-row.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

/** What a commit with this key was answered. */
export interface RememberedKey {
  readonly fingerprint: string
  readonly at: number
  results(): unknown[]
}

export function rememberedKey({ sql, tail }: Transaction, key: IdempotencyKey): RememberedKey | undefined {
  const fresh = tail.keyed(key)
  if (fresh !== undefined) {
    // An event does not change before it has left the tail.
    const event = findEvent(sql, fresh.event)!
    return { fingerprint: fresh.fingerprint, at: event.at, results: () => [event] }
  }
  const row = sql.one<{ fingerprint: string; at: number; results: string }>(
    'SELECT fingerprint, at, results FROM keys WHERE scope = ? AND key = ?',
    key.scope,
    key.key,
  )
  return row && { ...row, results: () => JSON.parse(row.results) }
}

export function rememberKey(sql: Sql, at: number, key: IdempotencyKey, results: readonly unknown[]): void {
  sql.run(
    'INSERT INTO keys (scope, key, fingerprint, at, results) VALUES (?, ?, ?, ?, ?)',
    key.scope,
    key.key,
    key.fingerprint,
    at,
    JSON.stringify(results),
  )
}

export function forgetOldKeys(sql: Sql, now: number): void {
  sql.run('DELETE FROM keys WHERE at < ?', now - KEY_MEMORY_MS)
}
