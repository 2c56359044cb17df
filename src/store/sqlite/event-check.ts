import { DIFFERS, facetsOf, IS_SOUND } from './event-index.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, isSound } from './event-row.ts'
import type { Sql } from './sql.ts'
import { keyOfRow } from './tail.ts'
import { readLog } from './transaction.ts'

/** Of the newest: the hub does nothing else meanwhile. The others are held against their sums when they are read. */
const MAX_LOOKED_FOR = 50_000

/** How many events are damaged, or what stands beside them, or is missing of what they are found by. */
export function damagedEvents(sql: Sql): { table: string; rows: number }[] {
  const isWrong = `(${DIFFERS}) OR NOT ${IS_SOUND} OR (expires_at IS NOT NULL AND expires_at IS NOT body ->> 'expiresAt')`
  const { rows } = sql.one<{ rows: number }>(
    `SELECT count(*) AS rows FROM events WHERE id > (SELECT max(id) FROM events) - ${MAX_LOOKED_FOR} AND (${isWrong})`,
  )!
  const found = [
    { table: 'events', rows },
    { table: 'keys, postings and facets of events', rows: unfound(sql) },
  ]
  return found.filter(each => each.rows > 0)
}

function unfound(sql: Sql): number {
  const { indexedUpTo } = readLog(sql)
  const isPosted = 'SELECT 1 FROM main.postings WHERE channel = ? AND is_lifecycle = ? AND event = ? AND sender = ?'
  let count = 0
  for (let before = indexedUpTo + 1, looked = 0; looked < MAX_LOOKED_FOR; ) {
    const rows = sql.all<EventRow & { key: string | null }>(
      `SELECT ${EVENT_COLUMNS}, key FROM events WHERE id < ? ORDER BY id DESC LIMIT 500`,
      before,
    )
    for (const row of rows.filter(isSound)) {
      const event = eventOf(row)
      const isLifecycle = event.level === 'lifecycle' ? 1 : 0
      const isWhole =
        (row.key === null || keyOfRow(row) !== undefined) &&
        event.channels.every(channel => sql.has(isPosted, channel, isLifecycle, event.id, event.senderId)) &&
        facetsOf(event).every(facet => sql.has('SELECT 1 FROM facets WHERE facet = ? AND event = ?', facet, event.id))
      if (!isWhole) count++
    }
    if (rows.length < 500) break
    looked += rows.length
    before = rows.at(-1)!.id
  }
  return count
}
