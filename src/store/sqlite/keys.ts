import { type IdempotencyKey, KEY_MEMORY_MS } from '../../bus/store.ts'
import { lastUpTo } from './order-of-time.ts'
import type { Sql } from './sql.ts'

export interface RememberedKey {
  readonly fingerprint: string
  readonly at: number
  readonly results: string
}

export function rememberedKey(sql: Sql, { scope, key }: IdempotencyKey): RememberedKey | undefined {
  return sql.one('SELECT fingerprint, at, results FROM keys WHERE scope = ? AND key = ?', scope, key)
}

export function rememberKey(sql: Sql, now: number, key: IdempotencyKey, results: unknown): void {
  sql.run(
    'INSERT INTO keys (scope, key, fingerprint, at, results) VALUES (?, ?, ?, ?, ?)',
    key.scope,
    key.key,
    key.fingerprint,
    now,
    JSON.stringify(results),
  )
}

export function forgetOldKeys(sql: Sql, now: number): void {
  const { last } = sql.one<{ last: number | null }>('SELECT max(id) AS last FROM keys')!
  const old = lastUpTo(sql, 'keys', last ?? 0, now - KEY_MEMORY_MS - 1)
  if (old > 0) sql.run('DELETE FROM keys WHERE id <= ?', old)
}
