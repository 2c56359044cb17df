import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Share } from '../../bus/share.ts'
import { appended, type StateAbout, type StateEntry } from '../../bus/state.ts'
import type { Commands } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import { noteVersion } from './state-history.ts'
import { prefixEnd } from './text-range.ts'
import { Refusal, type Transaction } from './transaction.ts'

interface EntryRow {
  readonly entry: string
}

const parsed = (row: EntryRow): StateEntry => JSON.parse(row.entry)

export function stateOf(sql: Sql, key: string, version?: number): StateEntry | undefined {
  const row =
    version === undefined
      ? sql.one<EntryRow>('SELECT entry FROM present_state JOIN state USING (key, version) WHERE key = ?', key)
      : sql.one<EntryRow>('SELECT entry FROM state WHERE key = ? AND version = ?', key, version)
  return row && parsed(row)
}

export function states(sql: Sql, prefix: string, limit: number): StateAbout[] {
  const end = prefixEnd(prefix)
  const where = `key >= ?${end === undefined ? '' : ' AND key < ?'}`
  const values = end === undefined ? [prefix] : [prefix, end]
  const list = `SELECT about FROM present_state WHERE ${where} ORDER BY key LIMIT ?`
  return sql.all<{ about: string }>(list, ...values, limit).map(({ about }) => JSON.parse(about))
}

export function stateHistory(sql: Sql, key: string, limit: number): StateEntry[] {
  return sql
    .all<EntryRow>('SELECT entry FROM state WHERE key = ? ORDER BY version DESC LIMIT ?', key, limit)
    .map(parsed)
}

export function putState(transaction: Transaction, needs: Commands['putState']['needs']): StateEntry {
  const { sql, now } = transaction
  const { key, note, by, byName } = needs
  const current = stateOf(sql, key)
  if (needs.expectedVersion !== undefined && needs.expectedVersion !== (current?.version ?? 0)) {
    throw new Refusal({ code: 'stale_version', current })
  }
  const next =
    needs.mode === 'append' ? appended(current?.value, needs.value) : { ok: true as const, value: needs.value }
  if (!next.ok) throw notAppended(next)
  const entry = write(sql, { ...defined({ key, note }), value: next.value ?? null, by, byName, at: now }, needs.share)
  const { value: _, ...about } = entry
  sql.run(
    `INSERT INTO present_state (key, version, about) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, about = excluded.about`,
    key,
    entry.version,
    JSON.stringify(about),
  )
  return entry
}

export function deleteState(transaction: Transaction, needs: Commands['deleteState']['needs']): StateEntry {
  const { sql, now } = transaction
  const { key, by, byName } = needs
  const current = stateOf(sql, key)
  if (current === undefined) throw new Refusal({ code: 'not_found', what: 'state' })
  if (needs.expectedVersion !== undefined && needs.expectedVersion !== current.version) {
    throw new Refusal({ code: 'stale_version', current })
  }
  sql.run('DELETE FROM present_state WHERE key = ?', key)
  return write(sql, { key, value: null, by, byName, at: now, deleted: true }, needs.share)
}

function notAppended(why: { found: string } | { chars: number }): Refusal {
  return 'found' in why
    ? new Refusal({ code: 'not_appendable', found: why.found })
    : new Refusal({ code: 'too_large', chars: why.chars, maxChars: LIMITS.valueChars })
}

function write(sql: Sql, entry: Omit<StateEntry, 'version'>, share: Share | undefined): StateEntry {
  const { last } = sql.one<{ last: number | null }>('SELECT max(version) AS last FROM state WHERE key = ?', entry.key)!
  const version = (last ?? 0) + 1
  const text = JSON.stringify({ ...entry, version })
  sql.run('INSERT INTO state (key, version, entry) VALUES (?, ?, ?)', entry.key, version, text)
  noteVersion(sql, entry.key, version, Buffer.byteLength(text), share)
  // As it will be read: JSON has the last word on what a value is.
  return JSON.parse(text)
}
