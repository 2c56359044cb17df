import { isMail, isUrgent, type StoredEvent, type Urgency } from '../../bus/event.ts'
import type { IdempotencyKey } from '../../bus/store.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, isSound } from './event-row.ts'
import { wordsOf } from './search.ts'
import type { Sql } from './sql.ts'
import { keyOfRow, settlePostings } from './tail.ts'
import type { Transaction } from './transaction.ts'

/**
 * What a page of the log may ask for, each a run of ids in the table `facets`. Like the words they are filled in behind
 * the commit, so each reader also looks through the few events after `log.indexedUpTo`.
 */
export const FACETS = {
  type: (type: string) => `type ${type}`,
  sender: (id: string) => `sender ${id}`,
  thread: (thread: string) => `thread ${thread}`,
  /** Actionable events are rare. The other levels are common: a query for them walks the log and soon finds them. */
  actionable: 'actionable',
  /** Rare on a busy channel and common in the whole log: neither alone finds it (0.7 s among a million events). */
  actionableOn: (channel: string) => `actionable ${channel}`,
  continues: (held: number) => `continues ${held}`,
  /** Unread mail that may ring is found before older mail that may not. */
  urgentOn: (channel: string, urgency: Urgency) => `${urgency} ${channel}`,
} as const

export function facetsOf(event: StoredEvent): string[] {
  const { type, senderId, thread, level, channels, urgency, continues } = event
  return [
    FACETS.type(type),
    FACETS.sender(senderId),
    ...(thread === undefined ? [] : [FACETS.thread(thread)]),
    ...(level === 'actionable' ? [FACETS.actionable, ...new Set(channels.map(FACETS.actionableOn))] : []),
    ...(continues === undefined ? [] : [FACETS.continues(continues)]),
    ...(isMail(event) && isUrgent(event) ? new Set(channels.map(channel => FACETS.urgentOn(channel, urgency))) : []),
  ]
}

/** After a burst, so many at once: as many as one transaction of a burst can bring. */
export const MAX_BATCH_EVENTS = 256
/** Bounds what a batch of long events takes of the event loop and of the disk. */
const MAX_BATCH_CHARS = 256 * 1024

/** Brings up to `limit` more events into the indexes, at least one. */
export function indexEvents(transaction: Transaction, limit: number): void {
  const { sql, log } = transaction
  const rows = sql.all<EventRow & { key: string | null }>(
    `SELECT ${EVENT_COLUMNS}, key FROM events WHERE id > ? ORDER BY id LIMIT ?`,
    log.indexedUpTo,
    limit,
  )
  const events: StoredEvent[] = []
  let [done, chars] = [0, 0]
  for (const row of rows) {
    chars += row.body.length
    if (chars > MAX_BATCH_CHARS && done > 0) break
    done++
    // Passed over where it is damaged: who asks for it by its id is told so.
    if (!isSound(row)) continue
    const event = eventOf(row)
    const key = keyOfRow(row)
    if (key) note(sql, event, key)
    for (const facet of facetsOf(event)) sql.run('INSERT INTO facets (facet, event) VALUES (?, ?)', facet, event.id)
    events.push(event)
  }
  // With nothing in between: SQLite has the word index write what it has gathered before each statement that has a trigger
  // (75 µs an event instead of 25).
  for (const event of events) {
    sql.run('INSERT INTO words (rowid, text) VALUES (?, ?)', event.id, [...wordsOf(event)].join(' '))
  }
  const indexedUpTo = done === rows.length && done < limit ? log.newest : rows[done - 1]!.id
  settlePostings(sql, indexedUpTo)
  transaction.log = { ...log, indexedUpTo }
}

/** Leaves no tail. */
export function indexAll(transaction: Transaction): void {
  while (transaction.log.indexedUpTo < transaction.log.newest) indexEvents(transaction, MAX_BATCH_EVENTS)
}

/** What stands beside an event's body, for queries, as the body says it. */
const BESIDE = {
  type: "body ->> 'type'",
  sender: "body ->> 'senderId'",
  thread: "body ->> 'thread'",
  level: "CASE body ->> 'level' WHEN 'lifecycle' THEN 0 WHEN 'info' THEN 1 ELSE 2 END",
}

export const IS_SOUND = "(SELECT crc IS crc_of(id || ' ' || at || ' ' || body))"
export const DIFFERS = `${IS_SOUND} AND (${Object.entries(BESIDE)
  .map(([column, value]) => `${column} IS NOT ${value}`)
  .join(' OR ')})`

/** They are made anew, behind the commits, by the hub that opens the file next. */
export function forgetIndexes(sql: Sql): void {
  sql.run('DELETE FROM main.postings')
  sql.run('DELETE FROM facets')
  sql.run("INSERT INTO words (words) VALUES ('delete-all')")
  sql.run('UPDATE log SET indexed_up_to = 0')
  sql.run(`UPDATE events SET type = ${BESIDE.type}, sender = ${BESIDE.sender}, thread = ${BESIDE.thread}, level = ${BESIDE.level}
           WHERE ${DIFFERS}`)
}

function note(sql: Sql, { id, at }: StoredEvent, { scope, key, fingerprint }: IdempotencyKey): void {
  sql.runSummed(
    // It is there already where the indexes are made anew.
    `INSERT OR IGNORE INTO keys (scope, key, fingerprint, at, results, event, holder, bytes, sum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    scope,
    key,
    fingerprint,
    at,
    null,
    id,
    null,
    0,
  )
}

export function forgetIndexed(sql: Sql, event: StoredEvent): void {
  sql.run('DELETE FROM words WHERE rowid = ?', event.id)
  for (const facet of facetsOf(event)) sql.run('DELETE FROM facets WHERE facet = ? AND event = ?', facet, event.id)
}
