import type { Sql } from '../sql.ts'

const TABLES = [
  'sessions',
  'subscriptions',
  'deliveries',
  'lost',
  'known',
  'state',
  'present_state',
  'state_sizes',
  'shares',
  'claims',
  'tokens',
  'kept',
  'keys',
  'log',
  'incidents',
]

/** Each row bears a sum over what it holds (`row-sums.ts`), which is set after each step. */
export function sums(sql: Sql): void {
  for (const table of TABLES) sql.exec(`ALTER TABLE ${table} ADD COLUMN sum INTEGER NOT NULL DEFAULT 0`)
  sql.exec(`
    -- Rows that were damaged and taken out, for a person to look at.
    CREATE TABLE damaged (num INTEGER PRIMARY KEY, at INTEGER NOT NULL, place TEXT NOT NULL, content TEXT NOT NULL) STRICT`)
}
