import { LEVELS, type StoredEvent, searchWords } from '../../bus/event.ts'
import type { EventQuery } from '../../bus/store.ts'
import type { Value } from './driver.ts'
import { bestPath, type Path, type Run, wholeLog } from './event-paths.ts'
import { type EventRow, eventOf } from './event-row.ts'
import { matchAll, wordsOf } from './search.ts'
import type { Sql } from './sql.ts'
import { readLog } from './transaction.ts'

/** Rows read at a time where words are looked for in the events themselves. */
const PAGE = 200

/**
 * Reads the log by the index that promises the fewest events and filters the rest of the question on the rows. Each run
 * gives at most the limit, in order; they are merged here, because SQL would sort all of a run before it could cut.
 */
export function events(sql: Sql, query: EventQuery): StoredEvent[] {
  const words = searchWords(query.query ?? '')
  const rare = rareWord(sql, words)
  const path = bestPath(sql, query, rare === undefined ? words : [rare])
  const isSettled = words.length === 0 || (path.settles === 'words' && rare === undefined)
  const found = isSettled ? fromRuns(sql, query, path) : withWords(sql, query, path, words)
  if (path === wholeLog) return found
  // The newest events are not in this index yet. There are few of them, so they are looked through.
  const newest = { ...query, after: Math.max(query.after ?? 0, readLog(sql).indexedUpTo) }
  const others = words.length === 0 ? fromRuns(sql, newest, wholeLog) : withWords(sql, newest, wholeLog, words)
  return cut([...found, ...others], query)
}

/**
 * A word that so few events have that they can all be looked at. Among a million events the index needs 1.0 ms to bring
 * 31 of these together with the 380,000 that have a common word, and 0.02 ms to name them.
 */
function rareWord(sql: Sql, words: readonly string[]): string | undefined {
  if (words.length < 2) return undefined
  return words.find(word => {
    const few = 'SELECT count(*) AS count FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)'
    return sql.one<{ count: number }>(few, matchAll([word]), PAGE)!.count < PAGE
  })
}

/** Those of a path that have the words, looked for in the events themselves. */
function withWords(sql: Sql, query: EventQuery, path: Path, words: readonly string[]): StoredEvent[] {
  const found: StoredEvent[] = []
  let rest: EventQuery = { ...query, limit: PAGE }
  while (found.length < query.limit) {
    const page = fromRuns(sql, rest, path)
    found.push(...page.filter(event => hasAll(wordsOf(event), words)))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    rest = query.order === 'asc' ? { ...rest, after: last.id } : { ...rest, before: last.id }
  }
  return found.slice(0, query.limit)
}

function hasAll(present: ReadonlySet<string>, words: readonly string[]): boolean {
  return words.every(word => present.has(word))
}

function fromRuns(sql: Sql, query: EventQuery, path: Path): StoredEvent[] {
  const [filters, values] = filtersOf(query, path.settles)
  const rows = path.runs.flatMap(run =>
    sql.all<EventRow>(
      `SELECT e.id, e.at, e.body, e.crc FROM ${eventsOf(run)} WHERE ${run.where} AND ${run.id} > ? AND ${run.id} < ?
       ${filters} ORDER BY ${run.id} ${query.order} LIMIT ?`,
      ...run.values,
      query.after ?? 0,
      query.before ?? Number.MAX_SAFE_INTEGER,
      ...values,
      query.limit,
    ),
  )
  return (path.runs.length === 1 ? rows : cut(rows, query)).map(eventOf)
}

/** CROSS keeps the planner from turning the join around. */
function eventsOf({ index, id }: Run): string {
  return index === 'events e' ? index : `${index} CROSS JOIN events e ON e.id = ${id}`
}

function cut<T extends { readonly id: number }>(found: readonly T[], { order, limit }: EventQuery): T[] {
  const unique = [...new Map(found.map(each => [each.id, each])).values()]
  return unique.sort((a, b) => (order === 'asc' ? a.id - b.id : b.id - a.id)).slice(0, limit)
}

/** What the path has not settled. The unary plus keeps the planner from leaving the path for another index. */
function filtersOf(query: EventQuery, settled: Path['settles']): [sql: string, values: Value[]] {
  const parts: string[] = []
  const values: Value[] = []
  const add = (name: Path['settles'], part: string, ...more: Value[]) => {
    if (name === settled && name !== 'nothing') return
    parts.push(`AND ${part}`)
    values.push(...more)
  }
  const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ')
  if (query.thread !== undefined) add('thread', 'coalesce(e.thread, CAST(e.id AS TEXT)) = ?', query.thread)
  if (query.senderId !== undefined) add('sender', '+e.sender = ?', query.senderId)
  if (query.notSenderId !== undefined) add('nothing', '+e.sender <> ?', query.notSenderId)
  if (query.types !== undefined) add('types', `+e.type IN (${marks(query.types)})`, ...query.types)
  if (query.minLevel !== undefined) add('level', '+e.level >= ?', LEVELS.indexOf(query.minLevel))
  if (query.channels !== undefined) {
    const posted = `p2.channel IN (${marks(query.channels)}) AND p2.is_lifecycle = (e.level = 0) AND p2.event = e.id`
    add('channels', `EXISTS (SELECT 1 FROM postings p2 WHERE ${posted})`, ...query.channels)
  }
  return [parts.join(' '), values]
}
