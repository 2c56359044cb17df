import { defined } from '../../bus/defined.ts'
import { charsOfEvent, hasExpired, type StoredEvent } from '../../bus/event.ts'
import { pageOf } from '../../bus/page.ts'
import type { Commands } from '../../bus/store.ts'
import type { EventPage } from '../../bus/store-reads.ts'
import { findSession, requireSession, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'
import { isAddressedTo, mailWithId, type Reader, takenIds } from './unread.ts'

/** Mail that came for this session alone, leased or not, and by its own channel. */
const ON_OWN_CHANNEL = `
  SELECT p.event FROM postings p
  WHERE p.channel = ? AND p.is_lifecycle = 0 AND p.held = 0 AND p.sender <> ?
    AND p.event > max(?, (SELECT min(position) FROM subscriptions WHERE session = ? AND following = 1))
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = ? AND d.event = p.event AND d.done = 1)
  ORDER BY p.event LIMIT ?`

/** The oldest of what came for this session alone, or was taken over by it, and was not read: those after this one. */
export function directIds(sql: Sql, { num, id }: Reader, after: number, limit: number): number[] {
  const own = sql.all<{ event: number }>(ON_OWN_CHANNEL, `session:${id}`, id, after, num, num, limit)
  const taken = takenIds(sql, { num, id }, after, limit)
  if (taken.length === 0) return own.map(({ event }) => event)
  return [...new Set([...own.map(({ event }) => event), ...taken])].sort((a, b) => a - b).slice(0, limit)
}

/** Those of these events that the session has not read. */
function unreadOf(sql: Sql, now: number, session: Reader, ids: readonly number[]): StoredEvent[] {
  return ids
    .map(id => mailWithId(sql, id))
    .filter(event => !hasExpired(event, now) && isAddressedTo(sql, event, session))
}

export function unreadDirect(sql: Sql, now: number, sessionId: string, limit: number): EventPage {
  const row = findSession(sql, sessionId)
  if (row === undefined) return { events: [], more: false }
  const session = { num: row.num, id: sessionId }
  const found: StoredEvent[] = []
  const rows = limit + 1
  for (let ids = directIds(sql, session, 0, rows); ids.length > 0; ids = directIds(sql, session, ids.at(-1)!, rows)) {
    found.push(...unreadOf(sql, now, session, ids))
    if (ids.length < rows || found.length > limit) break
  }
  const events = pageOf(found.slice(0, limit), charsOfEvent)
  return { events, more: found.length > events.length }
}

/** The one that it waits for from now on has a row of its own: it outlives the session that it was taken from. */
export function takeOver(
  { sql, now, pieceRows }: Transaction,
  { sessionId, endedId, from = 0 }: Commands['takeOver']['needs'],
): Commands['takeOver']['gives'] {
  const { num } = requireSession(sql, sessionId)
  const row = requireSession(sql, endedId)
  if (sessionOf(row).endedAt === undefined || endedId === sessionId) throw new Refusal({ code: 'not_ended' })
  const ended = { num: row.num, id: endedId }
  const ids = directIds(sql, ended, from, pieceRows)
  const taken = unreadOf(sql, now, ended, ids).filter(event => event.senderId !== sessionId)
  for (const { id } of taken) {
    sql.run(
      `INSERT INTO deliveries (session, event, leased, done, taken_by) VALUES (?, ?, 0, 1, ?)
       ON CONFLICT DO UPDATE SET leased = 0, done = 1, taken_by = excluded.taken_by`,
      ended.num,
      id,
      sessionId,
    )
    // It may have been its own once, and been taken over from it.
    sql.run(
      `INSERT INTO deliveries (session, event, leased, done, taken_by) VALUES (?, ?, 0, 0, ?)
       ON CONFLICT DO UPDATE SET taken_by = excluded.taken_by,
         leased = iif(taken_by <> excluded.taken_by AND consumed_at IS NULL, 0, leased),
         done = iif(taken_by <> excluded.taken_by AND consumed_at IS NULL, 0, done)`,
      num,
      id,
      sessionId,
    )
  }
  return defined({ taken: taken.map(({ id }) => id), next: ids.length < pieceRows ? undefined : ids.at(-1) })
}
