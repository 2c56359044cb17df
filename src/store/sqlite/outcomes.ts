import { isOfOneSession } from '../../bus/address.ts'
import type { StoredEvent } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Commands } from '../../bus/store.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, rowsOf } from './event-row.ts'
import type { Sql } from './sql.ts'
import { POSTING_TABLES } from './tail.ts'
import type { Transaction } from './transaction.ts'

/** Those who follow a channel of this event, and whether they neither sent nor have read it, nor are being offered it. */
const FOLLOWING = `
  SELECT s.num, s.id, f.position < ? AND s.id <> ? AND NOT EXISTS (
      SELECT 1 FROM deliveries d WHERE d.session = f.session AND d.event = ? AND d.leased + d.done > 0
    ) AS waits
  FROM subscriptions f JOIN sessions s ON s.num = f.session
  WHERE f.channel = ? AND f.following = 1 AND f.gone = ? AND f.session > ? ORDER BY f.session LIMIT ?`

/** The same of those who took it over. */
const TAKEN = `
  SELECT s.num, s.id, d.leased + d.done = 0 AS waits
  FROM deliveries d CROSS JOIN sessions s ON s.num = d.session
  WHERE d.event = ? AND d.taken_by = s.id AND d.session > ? ORDER BY d.session LIMIT ?`

interface Waiting {
  readonly num: number
  readonly id: string
  readonly waits: number
}

interface Looked {
  /** For whom it is unread, in the order of registration. */
  readonly waiting: readonly { readonly num: number; readonly id: string }[]
  /** How many were looked at. */
  readonly rows: number
  /** The last of them; undefined where there are no more. */
  readonly last: number | undefined
}

/** Looks at the sessions that registered after this one: so many on each of the event's channels, the ended apart. */
function waitingFor(sql: Sql, event: StoredEvent, after: number, rowsEach: number): Looked {
  const waiting = new Map<number, string>()
  let [rows, last] = [0, Number.POSITIVE_INFINITY]
  const look = (found: readonly Waiting[]) => {
    rows += found.length
    if (found.length === rowsEach) last = Math.min(last, found.at(-1)!.num)
    for (const { num, id, waits } of found) if (waits === 1) waiting.set(num, id)
  }
  for (const channel of event.level === 'lifecycle' ? [] : event.channels) {
    for (const gone of isOfOneSession(channel) ? [0, 1] : [0]) {
      look(sql.all(FOLLOWING, event.id, event.senderId, event.id, channel, gone, after, rowsEach))
    }
  }
  look(sql.all(TAKEN, event.id, after, rowsEach))
  return {
    waiting: [...waiting]
      .map(([num, id]) => ({ num, id }))
      .filter(({ num }) => num <= last)
      .sort((a, b) => a.num - b.num),
    rows,
    last: last === Number.POSITIVE_INFINITY ? undefined : last,
  }
}

function end(sql: Sql, event: StoredEvent, { waiting }: Pick<Looked, 'waiting'>, outcome: 'held' | 'expired'): void {
  for (const { num } of waiting) {
    sql.run(
      `INSERT INTO deliveries (session, event, leased, done, outcome) VALUES (?, ?, 0, 1, ?)
       ON CONFLICT DO UPDATE SET done = 1, outcome = excluded.outcome`,
      num,
      event.id,
      outcome,
    )
  }
}

/** What is held has a receipt from the beginning: nobody's position will ever stand before it. */
export function hold(sql: Sql, event: StoredEvent): void {
  const { waiting } = waitingFor(sql, event, 0, LIMITS.heldReceipts + 1)
  end(sql, event, { waiting: waiting.slice(0, LIMITS.heldReceipts) }, 'held')
}

/** The event that is to be marked next, and the session up to which that has been done. */
type Due = NonNullable<Commands['expire']['needs']['from']>

export function expire(transaction: Transaction, { from }: Commands['expire']['needs']): Commands['expire']['gives'] {
  const { sql, now, pieceRows } = transaction
  const expired: Commands['expire']['gives']['expired'] = []
  let rows = pieceRows
  let due = from ?? nextDue(sql, now)
  for (; due !== undefined && rows > 0; due = nextDue(sql, now)) {
    const row = sql.one<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE id = ? AND expires_at IS NOT NULL`,
      due.eventId,
    )
    // Forgotten since the piece before.
    if (row === undefined) continue
    const event = eventOf(row)
    const looked = lookedAt(sql, event, due.session, rows)
    end(sql, event, looked, 'expired')
    rows -= looked.rows + rowsOf(row)
    const sessionIds = looked.waiting.map(({ id }) => id)
    if (looked.last !== undefined) {
      return { expired: [...expired, { event, sessionIds }], next: { eventId: event.id, session: looked.last } }
    }
    expired.push({ event, sessionIds, unreadBy: mark(sql, event) })
  }
  return due === undefined ? { expired } : { expired, next: due }
}

function nextDue(sql: Sql, now: number): Due | undefined {
  const row = sql.one<{ id: number }>(
    'SELECT id FROM events WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at, id LIMIT 1',
    now,
  )
  return row && { eventId: row.id, session: 0 }
}

function lookedAt(sql: Sql, event: StoredEvent, after: number, rows: number): Looked {
  if (event.held !== undefined) return { waiting: [], rows: 0, last: undefined }
  return waitingFor(sql, event, after, Math.ceil(rows / (2 * event.channels.length)))
}

/** Nobody is left for whom it is unread. Says of how many it was. */
function mark(sql: Sql, event: StoredEvent): number {
  sql.run('UPDATE events SET expires_at = NULL WHERE id = ?', event.id)
  // A session that follows the channel later is not shown it either.
  for (const channel of event.channels) {
    for (const table of POSTING_TABLES) {
      const posting = `UPDATE ${table} SET held = 1 WHERE channel = ? AND is_lifecycle = ? AND event = ?`
      sql.run(posting, channel, event.level === 'lifecycle' ? 1 : 0, event.id)
    }
  }
  // Nor is one that took it over, and gives back what it was offered.
  const taken = 'taken_by = (SELECT s.id FROM sessions s WHERE s.num = deliveries.session)'
  sql.run(`UPDATE deliveries SET taken_by = NULL WHERE event = ? AND ${taken}`, event.id)
  const counted = "SELECT count(*) AS sessions FROM deliveries WHERE event = ? AND outcome = 'expired'"
  return sql.one<{ sessions: number }>(counted, event.id)!.sessions
}

export function nextExpiry(sql: Sql): number | undefined {
  const row = sql.one<{ at: number | null }>('SELECT min(expires_at) AS at FROM events WHERE expires_at IS NOT NULL')
  return row?.at ?? undefined
}
