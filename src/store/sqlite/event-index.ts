import type { StoredEvent } from '../../bus/event.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, isSound } from './event-row.ts'
import { rememberKey } from './keys.ts'
import { wordsOf } from './search.ts'
import type { Sql } from './sql.ts'
import { keyOfRow, settlePostings } from './tail.ts'
import type { Transaction } from './transaction.ts'

/**
 * What a page of the log may ask for, each a run of ids in the table `facets`. Like the words they are filled in behind
 * the commit, so whoever reads them looks through the few events after `log.indexedUpTo` too.
 */
export const FACETS = {
  type: (type: string) => `type ${type}`,
  sender: (id: string) => `sender ${id}`,
  thread: (thread: string) => `thread ${thread}`,
  /** What wants somebody is rare; the other levels are common, and whoever asks for them walks the log and finds them. */
  actionable: 'actionable',
  /** Rare on a busy channel and common in the whole log: neither alone finds it (0.7 s among a million events). */
  actionableOn: (channel: string) => `actionable ${channel}`,
} as const

function facetsOf({ type, senderId, thread, level, channels }: StoredEvent): string[] {
  return [
    FACETS.type(type),
    FACETS.sender(senderId),
    ...(thread === undefined ? [] : [FACETS.thread(thread)]),
    ...(level === 'actionable' ? [FACETS.actionable, ...new Set(channels.map(FACETS.actionableOn))] : []),
  ]
}

/** Brings up to `limit` more events into the indexes. */
export function indexEvents(transaction: Transaction, limit: number): void {
  const { sql, log } = transaction
  const rows = sql.all<EventRow & { key: string | null }>(
    `SELECT ${EVENT_COLUMNS}, key FROM events WHERE id > ? ORDER BY id LIMIT ?`,
    log.indexedUpTo,
    limit,
  )
  // Passed over where it is damaged: who asks for it by its id is told so.
  for (const row of rows.filter(isSound)) {
    const event = eventOf(row)
    if (row.key !== null) rememberKey(sql, event.at, keyOfRow(row.key), [event])
    sql.run('INSERT INTO words (rowid, text) VALUES (?, ?)', event.id, [...wordsOf(event)].join(' '))
    for (const facet of facetsOf(event)) sql.run('INSERT INTO facets (facet, event) VALUES (?, ?)', facet, event.id)
  }
  const indexedUpTo = rows.length < limit ? log.newest : rows.at(-1)!.id
  settlePostings(sql, indexedUpTo)
  transaction.log = { ...log, indexedUpTo }
}

/** Before anything that changes events: what it meets is all in the file then. */
export function indexAll(transaction: Transaction): void {
  const { newest, indexedUpTo } = transaction.log
  if (indexedUpTo < newest) indexEvents(transaction, newest - indexedUpTo)
}

export function forgetIndexed(sql: Sql, event: StoredEvent): void {
  sql.run('DELETE FROM words WHERE rowid = ?', event.id)
  for (const facet of facetsOf(event)) sql.run('DELETE FROM facets WHERE facet = ? AND event = ?', facet, event.id)
}
