import { unreadable } from './broken.ts'
import { DIFFERS, facetsOf, IS_SOUND } from './event-index.ts'
import { EVENT_COLUMNS, type EventRow, eventOf } from './event-row.ts'
import type { Sql } from './sql.ts'
import { keyOfRow } from './tail.ts'
import { readLog } from './transaction.ts'

/** Of the newest: all would take a minute. The others are held against their sums when they are read. */
const MAX_LOOKED_FOR = 50_000
/** In one turn; some are long. */
const PIECE = 25

const IS_WRONG = `(${DIFFERS}) OR NOT ${IS_SOUND} OR (expires_at IS NOT NULL AND expires_at IS NOT body ->> 'expiresAt')`

/** How many events are damaged, or what stands beside them, or is missing of what they are found by. Pauses now and then. */
export function* damagedEvents(sql: Sql): Generator<void, string[]> {
  let [damaged, unfound] = [0, 0]
  try {
    let before = Number.MAX_SAFE_INTEGER
    for (let looked = 0; looked < MAX_LOOKED_FOR; looked += PIECE) {
      const rows = sql.all<CheckedRow & { isWrong: 0 | 1 }>(
        `SELECT ${EVENT_COLUMNS}, key, expires_at, ${IS_WRONG} AS isWrong FROM events WHERE id < ? ORDER BY id DESC LIMIT ${PIECE}`,
        before,
      )
      const { indexedUpTo } = readLog(sql)
      damaged += rows.filter(row => row.isWrong === 1).length
      unfound += rows.filter(row => row.id <= indexedUpTo && row.isWrong === 0 && !isFound(sql, row)).length
      if (rows.length < PIECE) break
      before = rows.at(-1)!.id
      yield
    }
  } catch (error) {
    return [unreadable(error, 'events')]
  }
  return [
    ...(damaged === 0 ? [] : [`${damaged} damaged in events`]),
    ...(unfound === 0 ? [] : [`${unfound} damaged in keys, postings and facets of events`]),
  ]
}

const IS_POSTED =
  'SELECT 1 FROM main.postings WHERE channel = ? AND is_lifecycle = ? AND event = ? AND sender = ? AND held = ?'

interface CheckedRow extends EventRow {
  readonly key: string | null
  readonly expires_at: number | null
}

function isFound(sql: Sql, row: CheckedRow): boolean {
  const event = eventOf(row)
  const hasExpired = event.expiresAt !== undefined && row.expires_at === null
  const held = event.held === undefined && !hasExpired ? 0 : 1
  const isLifecycle = event.level === 'lifecycle' ? 1 : 0
  return (
    (row.key === null || keyOfRow(row) !== undefined) &&
    event.channels.every(channel => sql.has(IS_POSTED, channel, isLifecycle, event.id, event.senderId, held)) &&
    facetsOf(event).every(facet => sql.has('SELECT 1 FROM facets WHERE facet = ? AND event = ?', facet, event.id))
  )
}
