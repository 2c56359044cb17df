import type { StoredEvent } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { EVENT_COLUMNS, type EventRow, eventOf } from './event-row.ts'
import type { Sql } from './sql.ts'
import { POSTING_TABLES } from './tail.ts'
import type { Transaction } from './transaction.ts'
import { eventsWithIds, isAddressedTo } from './unread.ts'

/** Who follows a channel of this event, did not send it, and has neither read it nor is being offered it. */
const WAITING = `
  SELECT s.num, s.id FROM subscriptions f JOIN sessions s ON s.num = f.session
  WHERE f.channel = ? AND f.following = 1 AND f.gone = ? AND f.position < ? AND s.id <> ?
    AND NOT EXISTS (
      SELECT 1 FROM deliveries d WHERE d.session = f.session AND d.event = ? AND d.leased + d.done > 0
    )`

/** Ends an event for everybody for whom it is unread, and says who that was, in the order of registration. */
export function markUnread(sql: Sql, event: StoredEvent, outcome: 'held' | 'expired'): string[] {
  if (event.level === 'lifecycle') return []
  const waiting = new Map<number, string>()
  for (const channel of event.channels) {
    for (const gone of [0, 1]) {
      const rows = sql.all<{ num: number; id: string }>(WAITING, channel, gone, event.id, event.senderId, event.id)
      for (const { num, id } of rows) waiting.set(num, id)
    }
  }
  const inOrder = [...waiting].sort(([a], [b]) => a - b)
  for (const [num] of inOrder) {
    sql.run(
      `INSERT INTO deliveries (session, event, leased, done, outcome) VALUES (?, ?, 0, 1, ?)
       ON CONFLICT DO UPDATE SET done = 1, outcome = excluded.outcome`,
      num,
      event.id,
      outcome,
    )
  }
  return inOrder.map(([, id]) => id)
}

export function expire({ sql, now }: Transaction): Commands['expire']['gives'] {
  const due = sql
    .all<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY id`,
      now,
    )
    .map(eventOf)
  return {
    expired: due.map(event => {
      sql.run('UPDATE events SET expires_at = NULL WHERE id = ?', event.id)
      // A session that follows the channel later is not shown it either.
      for (const channel of event.channels) {
        for (const table of POSTING_TABLES) {
          const posting = `UPDATE ${table} SET held = 1 WHERE channel = ? AND is_lifecycle = ? AND event = ?`
          sql.run(posting, channel, event.level === 'lifecycle' ? 1 : 0, event.id)
        }
      }
      const sessionIds = event.held === undefined ? markUnread(sql, event, 'expired') : []
      return { event, sessionIds }
    }),
  }
}

export function nextExpiry(sql: Sql): number | undefined {
  const row = sql.one<{ at: number | null }>('SELECT min(expires_at) AS at FROM events WHERE expires_at IS NOT NULL')
  return row?.at ?? undefined
}

/** Mail for this session by its own channel that it has not read, by whichever channel it would have. */
export function directUnread(sql: Sql, num: number, id: string): StoredEvent[] {
  const ids = sql
    .all<{ event: number }>(
      `SELECT p.event FROM postings p
       WHERE p.channel = ? AND p.is_lifecycle = 0 AND p.held = 0 AND p.sender <> ?
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = ? AND d.event = p.event AND d.done = 1)
       ORDER BY p.event`,
      `session:${id}`,
      id,
      num,
    )
    .map(({ event }) => event)
  return eventsWithIds(sql, ids).filter(event => isAddressedTo(sql, event, { num, id }))
}
