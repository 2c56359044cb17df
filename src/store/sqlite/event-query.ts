import { LEVELS, passes, type StoredEvent, searchWords } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { EventPage, EventQuery } from '../../bus/store-reads.ts'
import type { Value } from './driver.ts'
import { bestPath, type Path, type Run, wholeLog } from './event-paths.ts'
import { EVENT_COLUMNS, type EventRow, eventOf, requireFound } from './event-row.ts'
import { createSlices, type Ids, merged, PAUSE } from './merge.ts'
import { hasAllWords, matchAll } from './search.ts'
import type { Sql } from './sql.ts'
import { readLog } from './transaction.ts'

/** Of events that may have a word, so many can all be looked at. */
const FEW = 200

/** Text that is searched without letting others in: about 5 ms. */
const MAX_SEARCHED_CHARS = 128 * 1024

/**
 * Reads a page of the log by the index that promises the fewest events, and filters the rest of the question on the
 * rows. Each call does a bounded part of it and gives the page once it is complete; between two calls the store may do
 * other work. Events are read one by one, because 500 of the longest are 65 MB.
 */
export function eventPage(sql: Sql, query: EventQuery): () => EventPage | undefined {
  const found = eventsIn(sql, query)
  const maxChars = query.maxChars ?? LIMITS.pageChars
  const events: StoredEvent[] = []
  let chars = 0
  return () => {
    for (let each = found.next(); !each.done; each = found.next()) {
      if (each.value === PAUSE) return undefined
      chars += each.value.chars
      const isFull = events.length === query.limit || (chars > maxChars && events.length > 0)
      if (isFull) return { events, more: true }
      events.push(each.value.event)
    }
    return { events, more: false }
  }
}

type Events = Generator<{ readonly event: StoredEvent; readonly chars: number } | typeof PAUSE, void>

function* eventsIn(sql: Sql, query: EventQuery): Events {
  const words = searchWords(query.query ?? '')
  const rare = rareWord(sql, words)
  const path = bestPath(sql, query, rare === undefined ? words : [rare])
  const isSettled = words.length === 0 || (path.settles === 'words' && rare === undefined)
  // The newest events are in no index yet. There are few of them, so they are looked through.
  const { indexedUpTo } = path === wholeLog ? { indexedUpTo: 0 } : readLog(sql)
  const newest = withWords(along(sql, { ...query, after: Math.max(query.after ?? 0, indexedUpTo) }, wholeLog), words)
  const indexed = along(sql, { ...query, before: Math.min(query.before ?? END, indexedUpTo + 1) }, path)
  if (query.order === 'desc') yield* newest
  if (path !== wholeLog) yield* isSettled ? foundByWords(indexed, words) : withWords(indexed, words)
  if (query.order === 'asc') yield* newest
}

/** Past every id. */
const END = Number.MAX_SAFE_INTEGER

/**
 * A word that so few events have that they can all be looked at. Among a million events the index needs 1.0 ms to bring
 * 31 of these together with the 380,000 that have a common word, and 0.02 ms to name them.
 */
function rareWord(sql: Sql, words: readonly string[]): string | undefined {
  if (words.length < 2) return undefined
  return words.find(word => {
    const few = 'SELECT count(*) AS count FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)'
    return sql.one<{ count: number }>(few, matchAll([word]), FEW)!.count < FEW
  })
}

function* foundByWords(events: Events, words: readonly string[]): Events {
  for (const each of events) {
    if (each !== PAUSE && words.length > 0) requireFound(each.event, hasAllWords(each.event, words), 'words')
    yield each
  }
}

/** Those that have the words, looked for in the events themselves. */
function* withWords(events: Events, words: readonly string[]): Events {
  if (words.length === 0) return yield* events
  let searched = 0
  for (const each of events) {
    if (each === PAUSE || hasAllWords(each.event, words)) yield each
    if (each !== PAUSE) searched += each.chars
    if (searched <= MAX_SEARCHED_CHARS) continue
    searched = 0
    yield PAUSE
  }
}

function* along(sql: Sql, query: EventQuery, path: Path): Events {
  const filters = filtersOf(query, path.settles)
  const slicesOf = createSlices()
  const runs = path.runs.map(run => idsOf(sql, query, run, filters, slicesOf))
  for (const id of runs.length === 1 ? runs[0]! : merged(runs, query.order)) {
    if (id === PAUSE) {
      yield PAUSE
      continue
    }
    // It may have been pruned in a pause.
    const row = sql.one<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE id = ?`, id)
    if (row === undefined) continue
    const event = eventOf(row)
    yield { event: requireFound(event, passes(event, query), 'facets'), chars: row.body.length }
  }
}

/** The slice is cut before the filters: a join of both would walk all of a long run to find the few that pass. */
function idsOf(
  sql: Sql,
  query: EventQuery,
  run: Run,
  [filters, more]: Filters,
  slicesOf: ReturnType<typeof createSlices>,
): Ids {
  const { index, id, where } = run
  const slice = `SELECT ${id} AS id FROM ${index} WHERE ${where} AND ${id} > ? AND ${id} < ? ORDER BY ${id} ${query.order}`
  // CROSS keeps the planner from turning the join around.
  const join = `SELECT e.id FROM (${slice} LIMIT ?) part CROSS JOIN events e ON e.id = part.id WHERE 1 ${filters}`
  return slicesOf(query.limit + 1, (last, limit) => {
    const after = query.order === 'asc' ? (last ?? query.after ?? 0) : (query.after ?? 0)
    const before = query.order === 'desc' ? (last ?? query.before ?? END) : (query.before ?? END)
    const values = [...run.values, after, before]
    const ids = (text: string, ...rest: Value[]) => sql.all<{ id: number }>(text, ...values, ...rest).map(row => row.id)
    const passing = filters === '' ? ids(`${slice} LIMIT ?`, limit) : ids(join, limit, ...more)
    if (filters === '') return { passing, last: passing[limit - 1] }
    return { passing, last: ids(`${slice} LIMIT 1 OFFSET ?`, limit - 1)[0] }
  })
}

type Filters = readonly [sql: string, values: readonly Value[]]

/** What the path has not settled. */
function filtersOf(query: EventQuery, settled: Path['settles']): Filters {
  const parts: string[] = []
  const values: Value[] = []
  const add = (name: Path['settles'], part: string, ...more: Value[]) => {
    if (name === settled && name !== 'nothing') return
    parts.push(`AND ${part}`)
    values.push(...more)
  }
  const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ')
  if (query.thread !== undefined) add('thread', 'coalesce(e.thread, CAST(e.id AS TEXT)) = ?', query.thread)
  if (query.senderId !== undefined) add('sender', 'e.sender = ?', query.senderId)
  if (query.notSenderId !== undefined) add('nothing', 'e.sender <> ?', query.notSenderId)
  if (query.types !== undefined) add('types', `e.type IN (${marks(query.types)})`, ...query.types)
  if (query.minLevel !== undefined) add('level', 'e.level >= ?', LEVELS.indexOf(query.minLevel))
  if (query.continues !== undefined) {
    // A damaged body may be no JSON.
    add('continues', `CASE WHEN json_valid(e.body) THEN e.body ->> 'continues' END = ?`, query.continues)
  }
  if (query.channels !== undefined) {
    const posted = `p2.channel IN (${marks(query.channels)}) AND p2.is_lifecycle = (e.level = 0) AND p2.event = e.id`
    add('channels', `EXISTS (SELECT 1 FROM postings p2 WHERE ${posted})`, ...query.channels)
  }
  return [parts.join(' '), values]
}
