import type { StoreInspection } from '../../bus/store-reads.ts'
import { tablesOf } from './broken.ts'
import { damageIn } from './damage.ts'
import { damagedEvents } from './event-check.ts'
import { incidents } from './incidents.ts'
import type { Sql } from './sql.ts'

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra']

/** The library, the settings in force and a look at all rows, which takes seconds: in pieces, with pauses between them. */
export function* inspect(sql: Sql, maxWholeRows?: number): Generator<void, StoreInspection> {
  const { version } = sql.one<{ version: string }>('SELECT sqlite_version() AS version')!
  const { journal_mode: journal } = sql.one<{ journal_mode: string }>('PRAGMA journal_mode')!
  const { synchronous } = sql.one<{ synchronous: number }>('PRAGMA synchronous')!
  const settings = { journal_mode: journal, synchronous: SYNCHRONOUS[synchronous] ?? String(synchronous) }
  const faults = [
    ...(settings.journal_mode === 'wal' ? [] : [`expected journal_mode wal, got ${settings.journal_mode}`]),
    ...(synchronous >= 2 ? [] : [`expected synchronous full, got ${settings.synchronous}`]),
  ]
  for (const { name } of tablesOf(sql)) faults.push(...(yield* damageIn(sql, name, maxWholeRows)))
  faults.push(...(yield* damagedEvents(sql)))
  return { engine: `SQLite ${version}`, settings, faults, incidents: incidents(sql) }
}
