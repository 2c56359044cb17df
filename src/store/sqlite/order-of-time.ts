import type { Sql } from './sql.ts'

/**
 * The id of the last event that is no younger than this time, or 0. Times grow with ids, so halving finds it in 20 steps
 * among a million, and no index on time is needed. `last` is the highest id in question.
 */
export function lastUpTo(sql: Sql, last: number, time: number): number {
  let found = 0
  let low = 1
  let high = last
  while (low <= high) {
    const middle = Math.floor((low + high) / 2)
    const row = sql.one<{ id: number; at: number }>(
      'SELECT id, at FROM events WHERE id <= ? ORDER BY id DESC LIMIT 1',
      middle,
    )
    if (row === undefined || row.at <= time) {
      found = row?.id ?? found
      low = middle + 1
    } else {
      high = row.id - 1
    }
  }
  return found
}
