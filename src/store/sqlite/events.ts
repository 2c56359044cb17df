import { defined } from '../../bus/defined.ts'
import { LEVELS, type StoredEvent } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { checksum, EVENT_COLUMNS, type EventRow, eventOf } from './event-row.ts'
import { answer } from './inbox.ts'
import { markUnread } from './outcomes.ts'
import type { Sql } from './sql.ts'
import { Refusal, readLog, type Transaction } from './transaction.ts'

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
    'INSERT INTO events (id, at, type, sender, thread, level, expires_at, body, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    now,
    event.type,
    event.senderId,
    event.thread ?? null,
    level,
    event.expiresAt ?? null,
    body,
    checksum(id, now, body),
  )
  for (const channel of new Set(event.channels)) {
    sql.run(
      'INSERT INTO postings (channel, is_lifecycle, event, sender, held) VALUES (?, ?, ?, ?, ?)',
      channel,
      level === 0 ? 1 : 0,
      id,
      event.senderId,
      event.held === undefined ? 0 : 1,
    )
  }
  transaction.log = { ...log, newest: id, events: log.events + 1 }
  // As it will be read: JSON has the last word on what `data` is. Of the other fields it makes what they are.
  const stored: StoredEvent = { id, at: now, ...(event.data === undefined ? defined(event) : JSON.parse(body)) }
  if (stored.held !== undefined) markUnread(sql, stored, 'held')
  if (answered) answer(transaction, answered, stored)
  return stored
}

export function bounds(sql: Sql): { oldest: number; newest: number; prunedUpTo: number } {
  const { oldest } = sql.one<{ oldest: number | null }>('SELECT min(id) AS oldest FROM events')!
  const { newest, prunedUpTo } = readLog(sql)
  return { oldest: oldest ?? 0, newest, prunedUpTo }
}
