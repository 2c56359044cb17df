import { defined } from '../../bus/defined.ts'
import { LEVELS, type StoredEvent } from '../../bus/event.ts'
import type { Commands, IdempotencyKey } from '../../bus/store.ts'
import { isIdTaken } from './errors.ts'
import { checksum, findEvent } from './event-row.ts'
import { answer } from './inbox.ts'
import { hold } from './outcomes.ts'
import { requireSession, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { post, rowOfKey } from './tail.ts'
import { Refusal, readLog, StaleLog, type Transaction } from './transaction.ts'

/** `key`: that of a commit which is this event alone. */
export function append(
  transaction: Transaction,
  { event }: Commands['append']['needs'],
  key?: IdempotencyKey,
): StoredEvent {
  const { sql, now, log } = transaction
  const answered = event.replyTo === undefined ? undefined : findEvent(sql, event.replyTo)
  if (event.replyTo !== undefined && answered === undefined) throw new Refusal({ code: 'not_found', what: 'event' })
  const id = log.newest + 1
  const fields = defined({ ...event, senderName: event.senderName ?? nameOf(sql, event.senderId) })
  const body = JSON.stringify(fields)
  try {
    sql.run(
      `INSERT INTO events (id, at, type, sender, thread, level, expires_at, body, crc, key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      now,
      event.type,
      event.senderId,
      event.thread ?? null,
      LEVELS.indexOf(event.level),
      event.expiresAt ?? null,
      body,
      checksum(id, now, body),
      key === undefined ? null : rowOfKey(key, id),
    )
  } catch (error) {
    throw isIdTaken(error) ? new StaleLog('the next id is taken', { cause: error }) : error
  }
  transaction.log = { ...log, newest: id, events: log.events + 1 }
  // As it will be read: JSON has the last word on what `data` is. Of the other fields it makes what they are.
  const stored: StoredEvent = { id, at: now, ...(event.data === undefined ? fields : JSON.parse(body)) }
  transaction.appended.push(stored)
  post(sql, stored)
  if (stored.held !== undefined) hold(sql, stored)
  if (answered) answer(transaction, answered, stored)
  return stored
}

function nameOf(sql: Sql, sessionId: string): string {
  return sessionOf(requireSession(sql, sessionId)).name
}

export function bounds(sql: Sql): { oldest: number; newest: number; prunedUpTo: number } {
  const { oldest } = sql.one<{ oldest: number | null }>('SELECT min(id) AS oldest FROM events')!
  const { newest, prunedUpTo } = readLog(sql)
  return { oldest: oldest ?? 0, newest, prunedUpTo }
}
