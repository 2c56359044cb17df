import { type StoredEvent, searchWords } from '../../bus/event.ts'
import { EVENT_COLUMNS, type EventRow, eventOf } from './event-row.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

export function wordsOf(event: StoredEvent): Set<string> {
  return new Set(searchWords([event.text, event.title ?? '', event.type, ...(event.tags ?? [])].join(' ')))
}

/** Every word here is letters, digits and `_`, so quoting needs no escape. */
export function matchAll(words: readonly string[]): string {
  return words.map(word => `"${word}"`).join(' AND ')
}

/** Brings up to `limit` more events into the word index. */
export function indexWords(transaction: Transaction, limit: number): void {
  const { sql, log } = transaction
  const rows = sql.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?`,
    log.indexedUpTo,
    limit,
  )
  for (const row of rows) {
    sql.run('INSERT INTO words (rowid, text) VALUES (?, ?)', row.id, [...wordsOf(eventOf(row))].join(' '))
  }
  transaction.log = { ...log, indexedUpTo: rows.length < limit ? log.newest : rows.at(-1)!.id }
}

export function forgetWords(sql: Sql, id: number): void {
  sql.run('DELETE FROM words WHERE rowid = ?', id)
}
