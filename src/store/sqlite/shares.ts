import type { Sql } from './sql.ts'

type Column = 'state_bytes' | 'answer_bytes'

/** Adds to what the holder has, and says how much that is then. */
export function charge(sql: Sql, column: Column, holder: string, bytes: number): number {
  const row = sql.one<{ total: number }>(
    `INSERT INTO shares (holder, ${column}) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET ${column} = ${column} + excluded.${column} RETURNING ${column} AS total`,
    holder,
    bytes,
  )
  return row!.total
}
