import type { StoreInspection } from '../../bus/store-reads.ts'
import { brokenIn, tablesOf } from './broken.ts'
import { damagedEvents } from './event-check.ts'
import { incidents } from './incidents.ts'
import { damagedRows } from './row-sums.ts'
import type { Sql } from './sql.ts'

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra']

/**
 * The library, the settings in force and a look at every page, index and row. It reads the whole file on the hub's one connection
 * (570 ms for 147 MB), so it is for a person who asks, never for a clock.
 */
export function inspect(sql: Sql): StoreInspection {
  const { version } = sql.one<{ version: string }>('SELECT sqlite_version() AS version')!
  const { journal_mode: journal } = sql.one<{ journal_mode: string }>('PRAGMA journal_mode')!
  const { synchronous } = sql.one<{ synchronous: number }>('PRAGMA synchronous')!
  const damaged = [...damagedRows(sql), ...damagedEvents(sql)]
  const settings = { journal_mode: journal, synchronous: SYNCHRONOUS[synchronous] ?? String(synchronous) }
  return {
    engine: `SQLite ${version}`,
    settings,
    faults: [
      ...(settings.journal_mode === 'wal' ? [] : [`expected journal_mode wal, got ${settings.journal_mode}`]),
      ...(synchronous >= 2 ? [] : [`expected synchronous full, got ${settings.synchronous}`]),
      ...tablesOf(sql).flatMap(({ name }) => brokenIn(sql, name)),
      ...damaged.map(({ table, rows }) => `${rows} damaged in ${table}`),
    ],
    incidents: incidents(sql),
  }
}
