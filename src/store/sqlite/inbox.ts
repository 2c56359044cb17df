import { hasExpired, type StoredEvent } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Commands, Consumed } from '../../bus/store.ts'
import type { Value } from './driver.ts'
import { findSession, requireSession } from './sessions.ts'
import type { Sql } from './sql.ts'
import { followedBy } from './subscriptions.ts'
import { showIn } from './talk.ts'
import { Refusal, type Transaction } from './transaction.ts'
import { EXPIRING, eventsWithIds, isAddressedTo, unreadIds } from './unread.ts'

export function offer(transaction: Transaction, needs: Commands['offer']['needs']) {
  const { sql, now } = transaction
  const { num } = requireSession(sql, needs.sessionId)
  const ids = unreadIds(sql, now, { num, id: needs.sessionId }, needs.limit + LIMITS.pendingCount)
  const messages = eventsWithIds(sql, ids.slice(0, needs.limit))
  const offered = messages.map(event => event.id)
  const repeats = offered.filter(id => sql.has('SELECT 1 FROM deliveries WHERE session = ? AND event = ?', num, id))
  for (const id of offered) {
    // A receipt never goes back: what was consumed once stays so, though it is offered again.
    sql.run(
      `INSERT INTO deliveries (session, event, leased, done, route, offered_at) VALUES (?, ?, 1, 0, ?, ?)
       ON CONFLICT DO UPDATE SET leased = 1, done = 0,
         route = iif(consumed_at IS NULL, excluded.route, route),
         offered_at = iif(consumed_at IS NULL, excluded.offered_at, offered_at)`,
      num,
      id,
      needs.route,
      now,
    )
  }
  showIn(transaction, needs.sessionId, messages, needs.talkUntil)
  return { messages, repeats, pending: Math.min(ids.length - offered.length, LIMITS.pendingCount) }
}

/** `proof` and `consumed_at` tell of the first time. */
const CONSUME = 'leased = 0, done = 1, proof = coalesce(proof, ?), consumed_at = coalesce(consumed_at, ?)'

/** Carries out a statement that consumes, and says of which events. */
function readNow(sql: Sql, statement: string, ...values: Value[]): Consumed[] {
  return inOrder(
    sql
      .all<{ eventId: number; route: string | null }>(`${statement} RETURNING event AS eventId, route`, ...values)
      .map(({ eventId, route }) => (route === null ? { eventId } : { eventId, route })),
  )
}

function inOrder(consumed: Consumed[]): Consumed[] {
  return consumed.sort((a, b) => a.eventId - b.eventId)
}

export function confirm({ sql, now }: Transaction, { sessionId, proof, route, events }: Commands['confirm']['needs']) {
  const { num, cursor } = requireSession(sql, sessionId)
  const isOpen = `session = ? AND leased = 1${route === undefined ? '' : ' AND route = ?'}`
  const of = route === undefined ? [num] : [num, route]
  const statement = `UPDATE deliveries SET ${CONSUME} WHERE ${isOpen}`
  const consumed =
    events === undefined
      ? readNow(sql, statement, proof, now, ...of)
      : inOrder(events.flatMap(id => readNow(sql, `${statement} AND event = ?`, proof, now, ...of, id)))
  if (consumed.length === 0) return { consumed }
  moveCursor(sql, num, Math.max(cursor, consumed.at(-1)!.eventId))
  advance(sql, num, sessionId)
  return { consumed }
}

export function acknowledge({ sql, now, log }: Transaction, needs: Commands['acknowledge']['needs']) {
  const { sessionId, upTo, proof, rewind = false } = needs
  const { num, cursor } = requireSession(sql, sessionId)
  if (upTo > log.newest || (upTo < cursor && !rewind)) {
    throw new Refusal({ code: 'bad_cursor', asked: upTo, position: cursor, newest: log.newest })
  }
  const consumed = readNow(
    sql,
    `UPDATE deliveries SET ${CONSUME} WHERE session = ? AND leased = 1 AND event <= ?`,
    proof,
    now,
    num,
    upTo,
  )
  for (const { channel, position } of followedBy(sql, num)) {
    const rows = readNow(
      sql,
      `INSERT INTO deliveries (session, event, leased, done, proof, consumed_at)
       SELECT ?, event, 0, 1, ?, ? FROM postings
       WHERE channel = ? AND is_lifecycle = 0 AND event > ? AND event <= ? AND sender <> ? AND held = 0
         AND event NOT IN (${EXPIRING})
       ON CONFLICT DO UPDATE SET leased = 0, done = 1,
         proof = coalesce(proof, excluded.proof), consumed_at = coalesce(consumed_at, excluded.consumed_at)
       WHERE done = 0`,
      num,
      proof,
      now,
      channel,
      position,
      upTo,
      sessionId,
      now,
    )
    consumed.push(...rows)
  }
  moveCursor(sql, num, upTo)
  if (rewind) {
    // A channel that is followed no more goes back too, in case it is followed again.
    sql.run(
      'UPDATE subscriptions SET position = iif(following = 1, ?1, min(position, ?1)) WHERE session = ?2',
      upTo,
      num,
    )
    sql.run('UPDATE deliveries SET leased = 0, done = 0 WHERE session = ? AND event > ?', num, upTo)
  }
  advance(sql, num, sessionId)
  return { position: upTo, consumed: inOrder(consumed) }
}

/** The sender of `by` has read what it answers, if that was ever for it. */
export function answer({ sql, now }: Transaction, answered: StoredEvent, by: StoredEvent): void {
  const num = findSession(sql, by.senderId)?.num
  if (num === undefined) return
  const session = { num, id: by.senderId }
  const hasHistory = sql.has('SELECT 1 FROM deliveries WHERE session = ? AND event = ?', num, answered.id)
  if (!hasHistory && (hasExpired(answered, now) || !isAddressedTo(sql, answered, session))) return
  sql.run(
    `INSERT INTO deliveries (session, event, leased, done, proof, consumed_at, answered_by)
     VALUES (?, ?, 0, 1, 'reply', ?, ?)
     ON CONFLICT DO UPDATE SET leased = 0, done = 1, answered_by = coalesce(answered_by, excluded.answered_by),
       proof = coalesce(proof, excluded.proof), consumed_at = coalesce(consumed_at, excluded.consumed_at)`,
    num,
    answered.id,
    now,
    by.id,
  )
}

function moveCursor(sql: Sql, num: number, cursor: number): void {
  sql.run('UPDATE sessions SET cursor = ? WHERE num = ?', cursor, num)
}

/**
 * Moves each position up to the first event that still waits. It changes nothing of what is unread; it spares later
 * reads the walk past what is consumed, own or lifecycle.
 */
function advance(sql: Sql, num: number, sessionId: string): void {
  for (const { channel, position } of followedBy(sql, num)) {
    const waiting = sql.one<{ event: number }>(
      `SELECT p.event FROM postings p
       WHERE p.channel = ? AND p.is_lifecycle = 0 AND p.event > ? AND p.sender <> ? AND p.held = 0
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = ? AND d.event = p.event AND d.done = 1)
       ORDER BY p.event LIMIT 1`,
      channel,
      position,
      sessionId,
      num,
    )
    const next = waiting === undefined ? lastOn(sql, channel) : waiting.event - 1
    if (next > position) {
      sql.run('UPDATE subscriptions SET position = ? WHERE session = ? AND channel = ?', next, num, channel)
    }
  }
}

function lastOn(sql: Sql, channel: string): number {
  const row = sql.one<{ event: number }>(
    'SELECT event FROM postings WHERE channel = ? AND is_lifecycle = 0 ORDER BY event DESC LIMIT 1',
    channel,
  )
  return row?.event ?? 0
}
