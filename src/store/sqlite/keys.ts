import type { IdempotencyKey } from '../../bus/store.ts'
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
