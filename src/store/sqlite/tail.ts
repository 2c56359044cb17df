import type { StoredEvent } from '../../bus/event.ts'
import type { IdempotencyKey } from '../../bus/store.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, isSound } from './event-row.ts'
import type { Sql } from './sql.ts'
import { sumOf } from './sum.ts'

/**
 * The tail of the log: the events after `log.indexedUpTo`. A commit writes the rows of its events and nothing else of
 * them, one page to sync as a rule; what they are found by is held in memory until `event-index.ts` brings it into the
 * file in a batch, and is made anew from the rows when the writer starts.
 *
 * Postings are held in a table of this connection, so that what a transaction undoes is undone here too. `postings`, as
 * queries name it, is both: the file's and these.
 */
const POSTINGS = `
  CREATE TEMP TABLE IF NOT EXISTS fresh_postings (
    channel TEXT NOT NULL,
    is_lifecycle INTEGER NOT NULL,
    event INTEGER NOT NULL,
    sender TEXT NOT NULL,
    held INTEGER NOT NULL,
    urgency TEXT NOT NULL,
    PRIMARY KEY (channel, is_lifecycle, event)
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP VIEW IF NOT EXISTS postings AS
    SELECT channel, is_lifecycle, event, sender, held FROM main.postings
    UNION ALL
    SELECT channel, is_lifecycle, event, sender, held FROM fresh_postings;
`

/** A tail is longer than a batch only after a burst, or where a full disk keeps batches from being written. */
const PAGE = 256

/** The key of a commit that was one event, and the event. */
export interface FreshKey {
  readonly fingerprint: string
  readonly at: number
  readonly event: number
}

interface KeyedRow {
  readonly id: number
  readonly key: string | null
}

export class Tail {
  /** By scope and key, the oldest first: committed and not in the table `keys` yet. */
  readonly #keys = new Map<string, FreshKey>()
  /** Those of the transaction that is under way. */
  readonly #noted = new Map<string, FreshKey>()

  constructor(sql: Sql, indexedUpTo: number) {
    sql.exec(POSTINGS)
    this.fill(sql, indexedUpTo)
  }

  /** Makes it anew from the file. */
  fill(sql: Sql, indexedUpTo: number): void {
    sql.run('DELETE FROM fresh_postings')
    this.#keys.clear()
    for (let after = indexedUpTo; ; ) {
      const rows = sql.all<EventRow & { key: string | null; expires_at: number | null }>(
        `SELECT ${EVENT_COLUMNS}, key, expires_at FROM events WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
        after,
      )
      // One damaged event must keep nobody from the others.
      for (const row of rows.filter(isSound)) {
        const event = eventOf(row)
        const hasExpired = event.expiresAt !== undefined && row.expires_at === null
        post(sql, event, hasExpired)
        const key = keyOfRow(row)
        if (key) put(this.#keys, key, row)
      }
      if (rows.length < PAGE) return
      after = rows.at(-1)!.id
    }
  }

  keyed(key: IdempotencyKey): FreshKey | undefined {
    const name = nameOf(key)
    return this.#noted.get(name) ?? this.#keys.get(name)
  }

  note(key: IdempotencyKey, event: StoredEvent): void {
    put(this.#noted, key, event)
  }

  /** Of those that are committed; Infinity where there is none. */
  get oldestKeyAt(): number {
    for (const { at } of this.#keys.values()) return at
    return Number.POSITIVE_INFINITY
  }

  /** A transaction begins: what the one before had noted is kept by now, or was undone with it. */
  begin(): void {
    this.#noted.clear()
  }

  /** What the transaction has noted is committed. */
  keep(indexedUpTo: number): void {
    for (const [name, fresh] of this.#noted) this.#keys.set(name, fresh)
    for (const [name, { event }] of this.#keys) {
      if (event > indexedUpTo) break
      this.#keys.delete(name)
    }
  }
}

function put(keys: Map<string, FreshKey>, key: IdempotencyKey, { id, at }: { id: number; at: number }): void {
  keys.set(nameOf(key), { fingerprint: key.fingerprint, at, event: id })
}

/** Notes for whom an event is, for as long as it belongs to the tail. `hasExpired`: nobody is shown it any more. */
export function post(sql: Sql, event: StoredEvent, hasExpired = false): void {
  for (const channel of new Set(event.channels)) {
    sql.run(
      'INSERT INTO fresh_postings (channel, is_lifecycle, event, sender, held, urgency) VALUES (?, ?, ?, ?, ?, ?)',
      channel,
      event.level === 'lifecycle' ? 1 : 0,
      event.id,
      event.senderId,
      event.held === undefined && !hasExpired ? 0 : 1,
      event.urgency,
    )
  }
}

/** Moves the postings up to this event into the file. */
export function settlePostings(sql: Sql, upTo: number): void {
  sql.run(
    `INSERT INTO main.postings (channel, is_lifecycle, event, sender, held)
     SELECT channel, is_lifecycle, event, sender, held FROM fresh_postings WHERE event <= ?`,
    upTo,
  )
  sql.run('DELETE FROM fresh_postings WHERE event <= ?', upTo)
}

/** Where an event's posting may stand. */
export const POSTING_TABLES = ['main.postings', 'fresh_postings'] as const

/** As the event's row has it, with a sum: that of the event does not count it. */
export function rowOfKey({ scope, key, fingerprint }: IdempotencyKey, event: number): string {
  return JSON.stringify([scope, key, fingerprint, sumOf([event, scope, key, fingerprint])])
}

/** Undefined where there is none, or the disk has damaged it. */
export function keyOfRow({ id, key: row }: KeyedRow): IdempotencyKey | undefined {
  if (row === null) return undefined
  try {
    const [scope, key, fingerprint, sum] = JSON.parse(row) as [string, string, string, number?]
    // Events of older versions have none.
    const isSound = sum === undefined || sum === sumOf([id, scope, key, fingerprint])
    return isSound ? { scope, key, fingerprint } : undefined
  } catch {
    return undefined
  }
}

function nameOf({ scope, key }: IdempotencyKey): string {
  return `${scope}\0${key}`
}
