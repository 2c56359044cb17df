import { defined } from '../../bus/defined.ts'
import { hasExpired, type StoredEvent } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { ReceiptChange } from '../../bus/receipt.ts'
import type { Commands, Consumed } from '../../bus/store.ts'
import type { Value } from './driver.ts'
import { findSession, requireSession } from './sessions.ts'
import type { Sql } from './sql.ts'
import { followedBy } from './subscriptions.ts'
import { showIn } from './talk.ts'
import { Refusal, type Transaction } from './transaction.ts'
import { isAddressedTo, isUnread, mailWithIds, type Reader, unreadIds, urgentIds } from './unread.ts'

export function offer(transaction: Transaction, needs: Commands['offer']['needs']) {
  const { sql, now } = transaction
  const { num } = requireSession(sql, needs.sessionId)
  const session = { num, id: needs.sessionId }
  const ids = unreadIds(sql, now, session, needs.limit + LIMITS.pendingCount)
  const { open } = sql.one<{ open: number }>(
    'SELECT count(*) AS open FROM deliveries WHERE session = ? AND leased = 1',
    num,
  )!
  const places = Math.max(0, Math.min(needs.limit, LIMITS.openOffers - open))
  const wanted =
    needs.events === undefined
      ? urgentIds(sql, now, session, ids, places)
      : [...new Set(needs.events)].filter(id => isUnread(sql, now, session, id)).slice(0, places)
  const messages = mailWithIds(sql, now, session, wanted)
  const offered = messages.map(event => event.id)
  const repeats = offered.filter(id => wasShown(sql, session, id))
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

/** Whether its agent may know it; of what was taken over, an agent that had it before may have done what it asks for. */
function wasShown(sql: Sql, { num, id }: Reader, event: number): boolean {
  const own = 'SELECT taken_by AS takenBy FROM deliveries WHERE session = ? AND event = ?'
  const row = sql.one<{ takenBy: string | null }>(own, num, event)
  if (row === undefined || row.takenBy !== id) return row !== undefined
  const any = `SELECT 1 FROM deliveries WHERE event = ? AND taken_by IS NOT NULL
    AND (offered_at IS NOT NULL OR consumed_at IS NOT NULL)`
  return sql.has(any, event)
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

export function confirm(transaction: Transaction, needs: Commands['confirm']['needs']) {
  const { sql, now } = transaction
  const { sessionId, proof, route, events } = needs
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
  advance(transaction, num, sessionId)
  return { consumed }
}

export function acknowledge(transaction: Transaction, needs: Commands['acknowledge']['needs']) {
  const { sql, log } = transaction
  const { sessionId, upTo, rewind = false, from } = needs
  const { num, cursor } = requireSession(sql, sessionId)
  const refusal = new Refusal({ code: 'bad_cursor', asked: upTo, position: cursor, newest: log.newest })
  if (from === undefined && upTo > log.newest) throw refusal
  if (from !== undefined && from > upTo)
    return { position: upTo, consumed: [], ...giveBack(transaction, num, upTo, from) }
  const { consumed, next } = consumeUpTo(transaction, num, needs)
  if (from === undefined && upTo < cursor && !rewind && consumed.length === 0) throw refusal
  const position = rewind && next === undefined ? upTo : Math.max(cursor, next ?? upTo)
  moveCursor(sql, num, position)
  const rest = rewind && next === undefined ? giveBack(transaction, num, upTo, log.newest + 1) : defined({ next })
  advance(transaction, num, sessionId)
  return { position, consumed, ...rest }
}

/** The oldest that are unread or leased; `next` is the last of them where more are. */
function consumeUpTo(
  { sql, now, pieceRows }: Transaction,
  num: number,
  { sessionId, upTo, proof }: Commands['acknowledge']['needs'],
): { consumed: Consumed[]; next: number | undefined } {
  const leased = sql.all<{ event: number }>(
    'SELECT event FROM deliveries WHERE session = ? AND leased = 1 AND event <= ? ORDER BY event LIMIT ?',
    num,
    upTo,
    pieceRows + 1,
  )
  const unread = unreadIds(sql, now, { num, id: sessionId }, pieceRows + 1).filter(id => id <= upTo)
  const waiting = [...unread, ...leased.map(({ event }) => event)].sort((a, b) => a - b)
  const ids = waiting.slice(0, pieceRows)
  const consumed = ids.flatMap(id =>
    readNow(
      sql,
      `INSERT INTO deliveries (session, event, leased, done, proof, consumed_at) VALUES (?, ?, 0, 1, ?, ?)
       ON CONFLICT DO UPDATE SET leased = 0, done = 1,
         proof = coalesce(proof, excluded.proof), consumed_at = coalesce(consumed_at, excluded.consumed_at)`,
      num,
      id,
      proof,
      now,
    ),
  )
  return { consumed, next: ids.length < waiting.length ? ids.at(-1) : undefined }
}

/**
 * Makes what lies between these two unread, the newest first: what is offered meanwhile lies beyond. Positions move last,
 * so that no look before has to pass all that is not given back yet.
 */
function giveBack({ sql, pieceRows }: Transaction, num: number, upTo: number, before: number): { next?: number } {
  const rows = sql.all<{ event: number }>(
    'SELECT event FROM deliveries WHERE session = ? AND event > ? AND event < ? ORDER BY event DESC LIMIT ?',
    num,
    upTo,
    before,
    pieceRows,
  )
  const oldest = rows.at(-1)?.event
  if (oldest !== undefined) {
    sql.run(
      `UPDATE deliveries SET leased = 0, done = 0 WHERE session = ?1 AND event >= ?2 AND event < ?3 AND leased + done > 0
         AND (taken_by IS NULL OR taken_by = (SELECT id FROM sessions WHERE num = ?1))`,
      num,
      oldest,
      before,
    )
  }
  if (oldest !== undefined && rows.length === pieceRows) return { next: oldest }
  // A channel that is followed no more goes back too, in case it is followed again.
  sql.run('UPDATE subscriptions SET position = iif(following = 1, ?1, min(position, ?1)) WHERE session = ?2', upTo, num)
  return {}
}

/**
 * The sender of `by` has read what it answers, if that was ever for it. What is held stays held, however its reader came to
 * know of it; and a reply that is held is no answer to anybody before it is continued.
 */
export function answer({ sql, now }: Transaction, answered: StoredEvent, by: StoredEvent): void {
  if (answered.held !== undefined) return
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
    by.held === undefined ? by.id : null,
  )
}

/** Whether this is the event by which the session answered. */
export function isAnswer(sql: Sql, { eventId, sessionId, answeredBy }: ReceiptChange): boolean {
  const answer =
    'SELECT 1 FROM deliveries d JOIN sessions s ON s.num = d.session WHERE s.id = ? AND d.event = ? AND d.answered_by = ?'
  return answeredBy !== undefined && sql.has(answer, sessionId, eventId, answeredBy)
}

function moveCursor(sql: Sql, num: number, cursor: number): void {
  sql.run('UPDATE sessions SET cursor = ? WHERE num = ?', cursor, num)
}

/**
 * Moves each position up to the first event that still waits, or by a piece. It changes nothing of what is unread; it
 * spares later reads the walk past what is consumed, own or lifecycle.
 */
function advance({ sql, pieceRows }: Transaction, num: number, sessionId: string): void {
  for (const { channel, position } of followedBy(sql, num)) {
    const passing = `SELECT p.event, p.sender <> ? AND p.held = 0
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = ? AND d.event = p.event AND d.done = 1) AS waits
       FROM postings p WHERE p.channel = ? AND p.is_lifecycle = 0 AND p.event > ? ORDER BY p.event LIMIT ?`
    const values = [sessionId, num, channel, position, pieceRows] as const
    const waiting = sql.one<{ event: number }>(`SELECT event FROM (${passing}) WHERE waits LIMIT 1`, ...values)
    const next =
      waiting === undefined
        ? (sql.one<{ last: number | null }>(`SELECT max(event) AS last FROM (${passing})`, ...values)!.last ?? 0)
        : waiting.event - 1
    if (next > position) {
      sql.run('UPDATE subscriptions SET position = ? WHERE session = ? AND channel = ?', next, num, channel)
    }
  }
}
