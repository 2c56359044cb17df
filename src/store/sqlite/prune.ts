import { OPERATOR_ID } from '../../bus/access.ts'
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

/** Events are read and removed in pages of this many, so that a large log does not stand in memory. */
const PAGE = 1_000

export function prune(transaction: Transaction, needs: Needs): Commands['prune']['gives'] {
  if (!needs.dryRun) return remove(transaction, needs)
  // Forgetting sessions changes what counts as unread, so it is done and undone.
  transaction.sql.run('SAVEPOINT dry_run')
  try {
    return remove(transaction, needs)
  } finally {
    transaction.sql.run('ROLLBACK TO dry_run')
    transaction.sql.run('RELEASE dry_run')
  }
}

function remove(transaction: Transaction, needs: Needs): Commands['prune']['gives'] {
  const { sql, now, log } = transaction
  const { sessions, undeliverable } =
    needs.forgetEndedMs === undefined
      ? { sessions: 0, undeliverable: [] }
      : forgetSessions(sql, now, now - needs.forgetEndedMs)
  const last = lastCandidate(transaction, needs)
  const isAwaited = awaiting(sql)
  let [after, events, keptUnread, prunedUpTo] = [0, 0, 0, log.prunedUpTo]
  for (;;) {
    const rows = sql.all<EventRow & { key: string | null }>(
      `SELECT ${EVENT_COLUMNS}, key FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT ${PAGE}`,
      after,
      last,
    )
    for (const row of rows) {
      const event = eventOf(row)
      after = event.id
      if (!hasExpired(event, now) && isAwaited(event)) {
        keptUnread++
        continue
      }
      events++
      prunedUpTo = Math.max(prunedUpTo, event.id)
      if (!needs.dryRun) removeEvent(transaction, event, row.key)
    }
    if (rows.length < PAGE) break
  }
  if (!needs.dryRun) transaction.log = { ...log, events: log.events - events, prunedUpTo }
  return { events, sessions, keptUnread, undeliverable }
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

function forgetSessions(sql: Sql, now: number, endedUpTo: number) {
  const forgotten = sql.all<{ num: number; id: string; name: string }>(
    'SELECT num, id, name FROM sessions WHERE gone = 1 AND ended_at <= ? AND id <> ? ORDER BY num',
    endedUpTo,
    OPERATOR_ID,
  )
  const undeliverable: Commands['prune']['gives']['undeliverable'] = []
  for (const { num, id, name } of forgotten) {
    for (const event of directUnread(sql, num, id)) {
      if (hasExpired(event, now)) continue
      sql.run('INSERT INTO lost (event, session, name) VALUES (?, ?, ?)', event.id, id, name)
      undeliverable.push({ eventId: event.id, senderId: event.senderId, sessionName: name })
    }
    sql.run('DELETE FROM sessions WHERE num = ?', num)
  }
  return { sessions: forgotten.length, undeliverable }
}

/**
 * Says whether somebody still has to read an event. Per channel, those who follow it are read once, the furthest behind
 * first: where nobody lags it costs one comparison, and one who never reads is found at once.
 */
function awaiting(sql: Sql): (event: StoredEvent) => boolean {
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
       WHERE f.channel = ? AND f.following = 1 ORDER BY f.position`,
      channel,
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
  sql.run('DELETE FROM deliveries WHERE event = ?', event.id)
  sql.run('DELETE FROM lost WHERE event = ?', event.id)
  if (event.id <= log.indexedUpTo) forgetIndexed(sql, event)
}
