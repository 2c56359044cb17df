import type { StoredEvent } from '../../bus/event.ts'
import type { Share } from '../../bus/share.ts'
import { type IdempotencyKey, KEY_MEMORY_MS } from '../../bus/store.ts'
import { indexAll } from './event-index.ts'
import { findEvent } from './event-row.ts'
import { charge } from './shares.ts'
import type { Sql } from './sql.ts'
import { keyOfRow } from './tail.ts'
import type { Transaction } from './transaction.ts'

/** What a commit with this key was answered. */
export interface RememberedKey {
  readonly fingerprint: string
  readonly at: number
  results(): unknown[]
}

export function rememberedKey({ sql, tail }: Transaction, key: IdempotencyKey): RememberedKey | undefined {
  const fresh = tail.keyed(key)
  const event = fresh && findEvent(sql, fresh.event)
  if (fresh && event) return { ...fresh, results: () => [event] }
  const row = sql.one<{ fingerprint: string; at: number; results: string | null; event: number | null }>(
    'SELECT fingerprint, at, results, event FROM keys WHERE scope = ? AND key = ?',
    key.scope,
    key.key,
  )
  return (
    row && { ...row, results: () => (row.results === null ? [findEvent(sql, row.event!)] : JSON.parse(row.results)) }
  )
}

export function rememberKey(sql: Sql, at: number, key: IdempotencyKey, results: readonly unknown[]): void {
  const { share } = key
  const text = JSON.stringify(results)
  const bytes = share === undefined ? 0 : Buffer.byteLength(text)
  sql.run(
    'INSERT INTO keys (scope, key, fingerprint, at, results, holder, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
    key.scope,
    key.key,
    key.fingerprint,
    at,
    text,
    share?.holder ?? null,
    bytes,
  )
  if (share) makeRoom(sql, share, charge(sql, 'answer_bytes', share.holder, bytes))
}

/** The holder's oldest. */
function makeRoom(sql: Sql, { holder, max }: Share, held: number): void {
  for (let bytes = held; bytes > max; ) {
    const oldest = sql.one<{ scope: string; key: string; bytes: number }>(
      `SELECT scope, key, bytes FROM keys WHERE holder = ? AND holder IS NOT NULL ORDER BY at, scope, key LIMIT 1`,
      holder,
    )!
    sql.run('DELETE FROM keys WHERE scope = ? AND key = ?', oldest.scope, oldest.key)
    charge(sql, 'answer_bytes', holder, -oldest.bytes)
    bytes -= oldest.bytes
  }
}

/** The event goes, what its commit was answered stays. `row`: the key as the event's row has it. */
export function outlive({ sql, log }: Transaction, event: StoredEvent, row: string | null): void {
  const key = keyOfRow({ id: event.id, key: row })
  if (key === undefined) return
  if (event.id > log.indexedUpTo) {
    rememberKey(sql, event.at, key, [event])
    return
  }
  sql.run(
    'UPDATE keys SET results = ?, event = NULL WHERE scope = ? AND key = ? AND event = ?',
    JSON.stringify([event]),
    key.scope,
    key.key,
    event.id,
  )
}

/** The oldest that are too old, and says how many. */
export function forgetOldKeys(transaction: Transaction, limit: number): number {
  const { sql, now, tail } = transaction
  const before = now - KEY_MEMORY_MS
  if (tail.oldestKeyAt < before) indexAll(transaction)
  const old = sql.all<{ scope: string; key: string; holder: string | null; bytes: number }>(
    'SELECT scope, key, holder, bytes FROM keys WHERE at < ? ORDER BY at LIMIT ?',
    before,
    limit,
  )
  const freed = new Map<string, number>()
  for (const { scope, key, holder, bytes } of old) {
    sql.run('DELETE FROM keys WHERE scope = ? AND key = ?', scope, key)
    if (holder !== null) freed.set(holder, (freed.get(holder) ?? 0) + bytes)
  }
  for (const [holder, bytes] of freed) charge(sql, 'answer_bytes', holder, -bytes)
  sql.run('DELETE FROM shares WHERE state_bytes = 0 AND answer_bytes = 0')
  return old.length
}
