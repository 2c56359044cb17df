import { OPERATOR_ID } from '../../bus/access.ts'
import { defined } from '../../bus/defined.ts'
import { hasExpired, isMail, type StoredEvent } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { forgetIndexed } from './event-index.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, rowsOf } from './event-row.ts'
import { outlive } from './keys.ts'
import { lastUpTo } from './order-of-time.ts'
import type { Sql } from './sql.ts'
import { POSTING_TABLES } from './tail.ts'
import { directIds } from './take-over.ts'
import type { Transaction } from './transaction.ts'
import { eventsWithIds, isAddressedTo } from './unread.ts'

type Needs = Commands['prune']['needs']
type Gives = Commands['prune']['gives']

/** Sessions first, since what they have not read is awaited by nobody then. */
export function prune(transaction: Transaction, needs: Needs): Gives {
  const { from } = needs
  if (typeof from === 'object') return { ...NONE, ...removeEvents(transaction, needs, from, transaction.pieceRows) }
  const forgotten = forgetSessions(transaction, needs)
  if (forgotten.rows >= transaction.pieceRows) return { ...NONE, ...forgotten.gives, next: 'sessions' }
  const place = { after: 0, last: lastCandidate(transaction, needs) }
  const removed = removeEvents(transaction, needs, place, transaction.pieceRows - forgotten.rows)
  return { ...NONE, ...forgotten.gives, ...removed }
}

const NONE: Gives = { events: 0, sessions: 0, keptUnread: 0, undeliverable: [] }

type Place = Exclude<NonNullable<Needs['from']>, string>

/** At least one event, and as many as there are rows for: each is one, with what became of it for its readers. */
function removeEvents(transaction: Transaction, needs: Needs, { after, last }: Place, limit: number): Partial<Gives> {
  const { sql, now, log } = transaction
  const isAwaited = awaiting(transaction, needs)
  let [place, events, keptUnread, prunedUpTo] = [after, 0, 0, log.prunedUpTo]
  // Of the event where the piece before ended.
  let rows = needs.dryRun ? 0 : forgetDeliveries(sql, after, limit)
  let row = nextEvent(sql, place, last)
  for (; row !== undefined && rows < limit; row = nextEvent(sql, place, last)) {
    const event = eventOf(row)
    place = event.id
    const awaited = hasExpired(event, now) ? NOBODY : isAwaited(event)
    rows += rowsOf(row) + awaited.rows
    if (awaited.isSo) {
      keptUnread++
      continue
    }
    events++
    prunedUpTo = Math.max(prunedUpTo, event.id)
    if (needs.dryRun) continue
    removeEvent(transaction, event, row.key)
    rows += forgetDeliveries(sql, event.id, Math.max(1, limit - rows))
  }
  if (!needs.dryRun) transaction.log = { ...transaction.log, events: log.events - events, prunedUpTo }
  return defined({ events, keptUnread, next: row !== undefined || rows >= limit ? { after: place, last } : undefined })
}

function nextEvent(sql: Sql, after: number, last: number): (EventRow & { key: string | null }) | undefined {
  return sql.one(`SELECT ${EVENT_COLUMNS}, key FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT 1`, after, last)
}

/** Everything up to here is old enough, or beyond the newest that are to be kept. */
function lastCandidate({ sql, now, log }: Transaction, { olderThanMs, keepNewest }: Needs): number {
  const byAge = olderThanMs === undefined ? 0 : lastUpTo(sql, log.newest, Math.ceil(now - olderThanMs) - 1)
  if (keepNewest === undefined) return byAge
  const beyond = log.events - keepNewest
  if (beyond <= 0) return byAge
  // Counted from the oldest: this walks what is looked at next anyway, and not the many that stay.
  const { id } = sql.one<{ id: number }>('SELECT id FROM events WHERE id > 0 ORDER BY id LIMIT 1 OFFSET ?', beyond - 1)!
  return Math.max(byAge, id)
}

const endedUpTo = (time: string) => `s.gone = 1 AND s.ended_at <= ${time} AND s.id <> '${OPERATOR_ID}'`

function forgetSessions(transaction: Transaction, { forgetEndedMs, dryRun }: Needs) {
  const { sql, now, pieceRows } = transaction
  const gives = { sessions: 0, undeliverable: [] as Gives['undeliverable'] }
  if (forgetEndedMs === undefined) return { gives, rows: 0 }
  if (dryRun) {
    const { sessions } = sql.one<{ sessions: number }>(
      `SELECT count(*) AS sessions FROM sessions s WHERE ${endedUpTo('?1')}`,
      now - forgetEndedMs,
    )!
    return { gives: { ...gives, sessions }, rows: 0 }
  }
  const sessions = sql.all<EndedRow>(
    `SELECT num, id, name FROM sessions s WHERE ${endedUpTo('?1')} ORDER BY num LIMIT ?2`,
    now - forgetEndedMs,
    pieceRows,
  )
  let rows = 0
  for (const session of sessions) {
    if (rows >= pieceRows) break
    const forgotten = forgetSession(transaction, session, pieceRows - rows)
    gives.undeliverable.push(...forgotten.undeliverable)
    rows += forgotten.rows
    if (forgotten.isWhole) gives.sessions++
  }
  return { gives, rows }
}

interface EndedRow {
  readonly num: number
  readonly id: string
  readonly name: string
}

/**
 * The senders of its unread mail are told first, and its positions go to the end of the log: then nothing waits for the
 * session, and its receipts can be removed in pieces. The rest of it is removed with the last piece.
 */
function forgetSession({ sql, now, log }: Transaction, { num, id, name }: EndedRow, limit: number) {
  const ids = directIds(sql, { num, id }, 0, limit)
  const direct = eventsWithIds(sql, ids)
  const unread = direct.filter(event => !hasExpired(event, now) && isAddressedTo(sql, event, { num, id }))
  const undeliverable = unread.map(event => ({ eventId: event.id, senderId: event.senderId, sessionName: name }))
  for (const event of direct) {
    sql.run('INSERT OR REPLACE INTO deliveries (session, event, leased, done) VALUES (?, ?, 0, 1)', num, event.id)
  }
  for (const event of unread) sql.run('INSERT INTO lost (event, session, name) VALUES (?, ?, ?)', event.id, id, name)
  // A page of long texts is a whole piece, too.
  if (direct.length < ids.length) return { undeliverable, rows: limit, isWhole: false }
  let rows = direct.length
  if (rows >= limit) return { undeliverable, rows, isWhole: false }
  sql.run('UPDATE subscriptions SET position = ? WHERE session = ?', log.newest, num)
  rows += sql.change(
    `DELETE FROM deliveries WHERE session = ? AND event IN (SELECT event FROM deliveries WHERE session = ? LIMIT ?)`,
    num,
    num,
    limit - rows,
  )
  if (rows >= limit) return { undeliverable, rows, isWhole: false }
  sql.run('DELETE FROM sessions WHERE num = ?', num)
  return { undeliverable, rows: rows + 1, isWhole: true }
}

interface Awaited {
  readonly isSo: boolean
  /** Sessions that were looked at. */
  readonly rows: number
}

const NOBODY: Awaited = { isSo: false, rows: 0 }

/** Followers that are looked at together. */
const FOLLOWERS = 16

/**
 * Says whether some session still has to read an event. Those that follow a channel are looked at from the furthest behind
 * on: where nobody lags there is none to look at, and one who never reads is found at once.
 */
function awaiting({ sql, now }: Transaction, { dryRun, forgetEndedMs }: Needs): (event: StoredEvent) => Awaited {
  // A dry run has forgotten none.
  const forgottenUpTo = dryRun && forgetEndedMs !== undefined ? now - forgetEndedMs : -1
  const behind = (channel: string, event: StoredEvent, [position, session]: readonly [number, number]) =>
    sql.all<{ num: number; position: number; waits: number }>(
      `SELECT s.num, f.position, s.id <> ?6 AND NOT (${endedUpTo('?2')}) AND NOT EXISTS (
           SELECT 1 FROM deliveries d WHERE d.session = f.session AND d.event = ?1 AND d.done = 1) AS waits
       FROM subscriptions f CROSS JOIN sessions s ON s.num = f.session
       WHERE f.channel = ?3 AND f.following = 1 AND (f.position, f.session) > (?4, ?5) AND f.position < ?1
       ORDER BY f.position, f.session LIMIT ${FOLLOWERS}`,
      event.id,
      forgottenUpTo,
      channel,
      position,
      session,
      event.senderId,
    )
  const isAwaitedOn = (channel: string, event: StoredEvent): Awaited => {
    let place: [number, number] = [-1, 0]
    for (let rows = 0; ; ) {
      const found = behind(channel, event, place)
      rows += found.length
      if (found.some(({ waits }) => waits === 1)) return { isSo: true, rows }
      const last = found.at(-1)
      if (last === undefined || found.length < FOLLOWERS) return { isSo: false, rows }
      place = [last.position, last.num]
    }
  }
  return event => {
    let rows = 0
    for (const channel of isMail(event) ? event.channels : []) {
      const awaited = isAwaitedOn(channel, event)
      rows += awaited.rows
      if (awaited.isSo) return { isSo: true, rows }
    }
    const isTaken = sql.has(
      `SELECT 1 FROM deliveries d JOIN sessions s ON s.num = d.session
       WHERE d.event = ? AND d.done = 0 AND d.taken_by = s.id AND NOT (${endedUpTo('?')})`,
      event.id,
      forgottenUpTo,
    )
    return { isSo: isTaken, rows }
  }
}

function removeEvent(transaction: Transaction, event: StoredEvent, key: string | null): void {
  const { sql, log } = transaction
  outlive(transaction, event, key)
  sql.run('DELETE FROM events WHERE id = ?', event.id)
  for (const channel of new Set(event.channels)) {
    const isLifecycle = event.level === 'lifecycle' ? 1 : 0
    for (const table of POSTING_TABLES) {
      sql.run(
        `DELETE FROM ${table} WHERE channel = ? AND is_lifecycle = ? AND event = ?`,
        channel,
        isLifecycle,
        event.id,
      )
    }
  }
  sql.run('DELETE FROM lost WHERE event = ?', event.id)
  if (event.id <= log.indexedUpTo) forgetIndexed(sql, event)
}

/** Says how many these were. */
function forgetDeliveries(sql: Sql, event: number, limit: number): number {
  return sql.change(
    `DELETE FROM deliveries WHERE event = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE id = ?1)
       AND session IN (SELECT session FROM deliveries WHERE event = ?1 LIMIT ?2)`,
    event,
    limit,
  )
}
