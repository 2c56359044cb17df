import { hasExpired, isMail, isUrgent, type StoredEvent, URGENCIES } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import { pageOf } from '../../bus/page.ts'
import { DamagedRow } from './errors.ts'
import { FACETS } from './event-index.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, findEvent, isSound, requireFound } from './event-row.ts'
import { createSlices, merged, PAUSE } from './merge.ts'
import { findSession } from './sessions.ts'
import { asKept, type Sql } from './sql.ts'
import { followedBy } from './subscriptions.ts'

/** Expired, and not marked as such yet (`expire`); there are few at any time. */
const EXPIRING = 'SELECT id FROM events WHERE expires_at IS NOT NULL AND expires_at <= ?'

/** One run of the postings' key per channel, with the few deliveries past the position looked up. */
const IS_UNREAD = `p.channel = ? AND p.is_lifecycle = 0 AND p.event > ? AND p.sender <> ? AND p.held = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = ? AND d.event = p.event AND d.leased + d.done > 0)
    AND p.event NOT IN (${EXPIRING})`
const UNREAD_ON_CHANNEL = `SELECT p.event FROM postings p WHERE ${IS_UNREAD} ORDER BY p.event LIMIT ?`

/** The same of one urgency: in the file, where its facet tells of them, and in the tail. */
const URGENT_ON_CHANNEL = `
  SELECT p.event FROM facets f CROSS JOIN main.postings p ON p.event = f.event
  WHERE f.facet = ? AND f.event > ? AND ${IS_UNREAD} ORDER BY f.event LIMIT ?`
const URGENT_IN_TAIL = `
  SELECT p.event FROM fresh_postings p WHERE p.urgency = ? AND ${IS_UNREAD} ORDER BY p.event LIMIT ?`

/** What it took over, whatever channels it follows. Of an event that was forgotten, rows are left for a while. */
const TAKEN = `SELECT d.event FROM deliveries d WHERE d.session = ? AND d.event > ? AND d.taken_by = ? AND d.done = 0
    AND EXISTS (SELECT 1 FROM events e WHERE e.id = d.event)`
const TAKEN_AND_UNREAD = `${TAKEN} AND d.leased = 0 AND d.event NOT IN (${EXPIRING}) ORDER BY d.event LIMIT ?`
/** The same of one urgency. What is damaged has none. */
const TAKEN_AND_URGENT = `
  ${TAKEN} AND d.leased = 0 AND d.event NOT IN (${EXPIRING})
    AND (SELECT CASE WHEN json_valid(e.body) THEN e.body ->> 'urgency' END FROM events e WHERE e.id = d.event) = ?
  ORDER BY d.event LIMIT ?`

/** Rows of a channel that are read at first; most have none or a few. */
const FIRST_ROWS = 16

/**
 * The oldest unread ids. Asked channel by channel and merged here: one SQL query over all channels would have to sort
 * everything unread before it could cut (a session 360,000 events behind took 0.4 s, this takes the limit's worth).
 */
export function unreadIds(sql: Sql, now: number, session: Reader, limit: number): number[] {
  const { num, id } = session
  return idsOnChannels(sql, session, limit, {
    onChannel: [({ channel }, last, rows) => sql.all(UNREAD_ON_CHANNEL, channel, last, id, num, now, rows)],
    taken: (last, rows) => sql.all(TAKEN_AND_UNREAD, num, last, id, now, rows),
  })
}

/** These, and among them all that are more urgent, in the order of urgency: so many of the first. */
export function urgentIds(sql: Sql, now: number, session: Reader, unread: readonly number[], limit: number): number[] {
  const { num, id } = session
  // One alone has no order.
  if (unread.length < 2) return unread.slice(0, limit)
  const ids = new Set<number>()
  for (const urgency of URGENCIES.filter(each => isUrgent({ urgency: each }))) {
    if (ids.size >= limit) break
    const found = idsOnChannels(sql, session, limit - ids.size, {
      onChannel: [
        ({ channel }, last, rows) =>
          sql.all(URGENT_ON_CHANNEL, FACETS.urgentOn(channel, urgency), last, channel, last, id, num, now, rows),
        ({ channel }, last, rows) => sql.all(URGENT_IN_TAIL, urgency, channel, last, id, num, now, rows),
      ],
      taken: (last, rows) => sql.all(TAKEN_AND_URGENT, num, last, id, now, urgency, rows),
    })
    for (const each of found) ids.add(each)
  }
  for (const each of unread) ids.add(each)
  return [...ids].slice(0, limit)
}

export interface Reader {
  readonly num: number
  readonly id: string
}

interface Looks {
  readonly onChannel: readonly ((on: { channel: string }, last: number, rows: number) => { event: number }[])[]
  readonly taken: (last: number, rows: number) => { event: number }[]
}

/** What these find on the session's channels, and among what it took over, the oldest first. */
function idsOnChannels(sql: Sql, { num }: Reader, limit: number, { onChannel, taken }: Looks): number[] {
  const slicesOf = createSlices()
  const run = (position: number, look: Looks['taken']) =>
    slicesOf(FIRST_ROWS, (last = position, rows) => {
      const passing = look(last, rows).map(({ event }) => event)
      return { passing, last: passing[rows - 1] }
    })
  const runs = followedBy(sql, num).flatMap(({ channel, position }) =>
    onChannel.map(look => run(position, (last, rows) => look({ channel }, last, rows))),
  )
  runs.push(run(0, taken))
  const ids: number[] = []
  for (const each of merged(runs, 'asc')) {
    if (each !== PAUSE && ids.push(each) === limit) break
  }
  return ids
}

/** As many of these as a page holds. */
export function eventsWithIds(sql: Sql, ids: readonly number[]): StoredEvent[] {
  return pageOf(rowsWithIds(sql, ids), row => row.body.length).map(eventOf)
}

/** One by one, so that none is read that has no place. */
function* rowsWithIds(sql: Sql, ids: readonly number[]): Iterable<EventRow> {
  for (const id of ids) {
    const row = sql.one<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE id = ?`, id)
    if (row === undefined) throw new DamagedRow('postings')
    yield row
  }
}

/** A message that was found as somebody's mail: a damaged one must not keep what waits behind it. */
export function mailWithId(sql: Sql, id: number): StoredEvent {
  const [row] = rowsWithIds(sql, [id])
  if (row === undefined || !isSound(row)) throw new DamagedRow('postings', id)
  return eventOf(row)
}

/** The same of what was found as unread mail of this session, which each of them must be. */
export function mailWithIds(sql: Sql, now: number, session: Reader, ids: readonly number[]): StoredEvent[] {
  const channels = new Set(followedBy(sql, session.num).map(({ channel }) => channel))
  return pageOf(rowsWithIds(sql, ids), row => row.body.length).map(row => {
    // What waits behind it must not wait for ever: it leaves the inbox, and stays in the log.
    if (!isSound(row)) throw new DamagedRow('postings', row.id)
    const event = eventOf(row)
    const isOnChannel = event.channels.some(channel => channels.has(asKept(channel)))
    const isForIt = event.senderId !== session.id && (isOnChannel || isTaken(sql, event, session))
    return requireFound(event, isForIt && isMail(event) && !hasExpired(event, now), 'postings')
  })
}

/** The length of a text stands before it: none is read that is too long. */
const IS_SHORT = 'SELECT 1 FROM events WHERE id = ? AND octet_length(body) <= ?'

function shortIds(sql: Sql, ids: readonly number[], maxBytes: number, limit: number): number[] {
  const short: number[] = []
  for (const id of ids) {
    if (short.length === limit) break
    if (sql.has(IS_SHORT, id, maxBytes)) short.push(id)
  }
  return short
}

export function unread(
  sql: Sql,
  now: number,
  sessionId: string,
  limit: number,
  first: 'oldest' | 'urgent',
  maxBytes?: number,
): { messages: StoredEvent[]; pending: number } {
  const row = findSession(sql, sessionId)
  if (row === undefined) return { messages: [], pending: 0 }
  const session = { num: row.num, id: sessionId }
  const ids = unreadIds(sql, now, session, Math.max(limit, LIMITS.pendingCount))
  const among = maxBytes === undefined ? limit : Math.max(limit, LIMITS.pendingCount)
  const ordered = first === 'urgent' ? urgentIds(sql, now, session, ids, among) : ids.slice(0, among)
  const wanted = maxBytes === undefined ? ordered : shortIds(sql, ordered, maxBytes, limit)
  const messages = mailWithIds(sql, now, session, wanted)
  return { messages, pending: Math.min(ids.length, LIMITS.pendingCount) }
}

export function hasOpenOffer(sql: Sql, sessionId: string): boolean {
  return sql.has(
    `SELECT 1 FROM deliveries WHERE session = (SELECT num FROM sessions WHERE id = ?) AND leased = 1 LIMIT 1`,
    sessionId,
  )
}

/** Whether this event is addressed to this session, or taken over by it, whatever became of it there. */
export function isAddressedTo(sql: Sql, event: StoredEvent, session: Reader): boolean {
  if (!isMail(event) || event.senderId === session.id) return false
  const isOnChannel = event.channels.some(channel =>
    sql.has(
      'SELECT 1 FROM subscriptions WHERE session = ? AND channel = ? AND following = 1 AND position < ?',
      session.num,
      channel,
      event.id,
    ),
  )
  return isOnChannel || isTaken(sql, event, session)
}

function isTaken(sql: Sql, { id }: StoredEvent, session: Reader): boolean {
  const taken = 'SELECT 1 FROM deliveries WHERE session = ? AND event = ? AND taken_by = ?'
  return sql.has(taken, session.num, id, session.id)
}

/** The oldest that it took over and has not read: those after this one. */
export function takenIds(sql: Sql, { num, id }: Reader, after: number, limit: number): number[] {
  return sql
    .all<{ event: number }>(`${TAKEN} ORDER BY d.event LIMIT ?`, num, after, id, limit)
    .map(({ event }) => event)
}

/** Whether this event waits for this session and is not leased to it. */
export function isUnread(sql: Sql, now: number, session: Reader, id: number): boolean {
  const event = findEvent(sql, id)
  if (event === undefined || hasExpired(event, now) || !isAddressedTo(sql, event, session)) return false
  const history = 'SELECT 1 FROM deliveries WHERE session = ? AND event = ? AND leased + done > 0'
  return !sql.has(history, session.num, id)
}
