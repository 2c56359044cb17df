import { OPERATOR_ID } from '../../bus/access.ts'
import { defined } from '../../bus/defined.ts'
import { hasExpired, isMail, type StoredEvent } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { forgetIndexed } from './event-index.ts'
import { EVENT_COLUMNS, type EventRow, eventOf } from './event-row.ts'
import { outlive } from './keys.ts'
import { lastUpTo } from './order-of-time.ts'
import { directUnread } from './outcomes.ts'
import type { Sql } from './sql.ts'
import { POSTING_TABLES } from './tail.ts'
import type { Transaction } from './transaction.ts'

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
  const found = sql.all<EventRow & { key: string | null }>(
    `SELECT ${EVENT_COLUMNS}, key FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    after,
    last,
    limit + 1,
  )
  const isAwaited = awaiting(transaction, needs)
  let [place, events, keptUnread, prunedUpTo] = [after, 0, 0, log.prunedUpTo]
  // Of the event where the piece before ended.
  let rows = needs.dryRun ? 0 : forgetDeliveries(sql, after, limit)
  for (const row of found) {
    if (rows >= limit) break
    const event = eventOf(row)
    place = event.id
    rows++
    if (!hasExpired(event, now) && isAwaited(event)) {
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
  const isRest = rows >= limit || (found.at(-1)?.id ?? 0) > place
  return defined({ events, keptUnread, next: isRest ? { after: place, last } : undefined })
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

const ENDED_LONG_AGO = `s.gone = 1 AND s.ended_at <= ? AND s.id <> '${OPERATOR_ID}'`

function forgetSessions(transaction: Transaction, { forgetEndedMs, dryRun }: Needs) {
  const { sql, now, pieceRows } = transaction
  const gives = { sessions: 0, undeliverable: [] as Gives['undeliverable'] }
  if (forgetEndedMs === undefined) return { gives, rows: 0 }
  if (dryRun) {
    const { sessions } = sql.one<{ sessions: number }>(
      `SELECT count(*) AS sessions FROM sessions s WHERE ${ENDED_LONG_AGO}`,
      now - forgetEndedMs,
    )!
    return { gives: { ...gives, sessions }, rows: 0 }
  }
  const sessions = sql.all<EndedRow>(
    `SELECT num, id, name FROM sessions s WHERE ${ENDED_LONG_AGO} ORDER BY num LIMIT ?`,
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
 * What it has not read is told first, and its positions go to the end of the log: from then on nothing waits for it, and
 * what became of events for it can go in pieces. The rest goes with it.
 */
function forgetSession({ sql, now, log }: Transaction, { num, id, name }: EndedRow, limit: number) {
  const direct = directUnread(sql, num, id, limit)
  const unread = direct.filter(event => !hasExpired(event, now))
  const undeliverable = unread.map(event => ({ eventId: event.id, senderId: event.senderId, sessionName: name }))
  for (const event of direct) {
    sql.run('INSERT OR REPLACE INTO deliveries (session, event, leased, done) VALUES (?, ?, 0, 1)', num, event.id)
  }
  for (const event of unread) sql.run('INSERT INTO lost (event, session, name) VALUES (?, ?, ?)', event.id, id, name)
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

/**
 * Says whether somebody still has to read an event. Per channel, those who follow it are read once, the furthest behind
 * first: where nobody lags it costs one comparison, and one who never reads is found at once.
 */
function awaiting({ sql, now }: Transaction, { dryRun, forgetEndedMs }: Needs): (event: StoredEvent) => boolean {
  interface Follower {
    readonly num: number
    readonly id: string
    readonly position: number
  }
  const byChannel = new Map<string, readonly Follower[]>()
  const followersOf = (channel: string) => {
    const known = byChannel.get(channel)
    if (known) return known
    const all = sql.all<Follower>(
      `SELECT s.num, s.id, f.position FROM subscriptions f JOIN sessions s ON s.num = f.session
       WHERE f.channel = ? AND f.following = 1 AND NOT (${ENDED_LONG_AGO}) ORDER BY f.position`,
      channel,
      dryRun && forgetEndedMs !== undefined ? now - forgetEndedMs : -1,
    )
    byChannel.set(channel, all)
    return all
  }
  const hasRead = (num: number, event: number) =>
    sql.has('SELECT 1 FROM deliveries WHERE session = ? AND event = ? AND done = 1', num, event)
  return event =>
    isMail(event) &&
    event.channels.some(channel => {
      for (const { num, id, position } of followersOf(channel)) {
        if (position >= event.id) return false
        if (id !== event.senderId && !hasRead(num, event.id)) return true
      }
      return false
    })
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
