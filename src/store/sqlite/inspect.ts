import type { StoreInspection } from '../../bus/store.ts'
import { incidents } from './incidents.ts'
import type { Sql } from './sql.ts'

const SYNCHRONOUS = ['off', 'normal', 'full', 'extra']
/** So many faults tell as much as all of them. */
const MAX_FAULTS = 20

/**
 * The library, the settings in force and a look at every page. It reads the whole file on the hub's one connection
 * (570 ms for 147 MB), so it is for a person who asks, never for a clock.
 */
export function inspect(sql: Sql): StoreInspection {
  const { version } = sql.one<{ version: string }>('SELECT sqlite_version() AS version')!
  const { journal_mode: journal } = sql.one<{ journal_mode: string }>('PRAGMA journal_mode')!
  const { synchronous } = sql.one<{ synchronous: number }>('PRAGMA synchronous')!
  const found = sql.all<{ quick_check: string }>(`PRAGMA quick_check(${MAX_FAULTS})`).map(row => row.quick_check)
  const settings = { journal_mode: journal, synchronous: SYNCHRONOUS[synchronous] ?? String(synchronous) }
  return {
    engine: `SQLite ${version}`,
    settings,
    faults: [
      ...(settings.journal_mode === 'wal' ? [] : [`expected journal_mode wal, got ${settings.journal_mode}`]),
      ...(synchronous >= 2 ? [] : [`expected synchronous full, got ${settings.synchronous}`]),
      ...found.filter(line => line !== 'ok'),
    ],
    incidents: incidents(sql),
  }
}
