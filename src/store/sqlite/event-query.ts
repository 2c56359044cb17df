import { LEVELS, type StoredEvent, searchWords } from '../../bus/event.ts'
import type { EventQuery } from '../../bus/store.ts'
import type { Value } from './driver.ts'
import { type EventRow, eventOf } from './events.ts'
import { matchAll, wordsOf } from './search.ts'
import type { Sql } from './sql.ts'

/** A run of an index in the order of ids: `from` names it as `events e` or joins them, `id` is its id column. */
interface Run {
  readonly from: string
  readonly id: string
  readonly where: string
  readonly values: readonly Value[]
}

/** One way to find the events: together its runs hold all that can pass. */
interface Path {
  readonly filter: string
  readonly runs: readonly Run[]
}

const ROW = 'e.id, e.at, e.body, e.crc'

/**
 * Reads the log by the index that promises the fewest events and filters the rest of the question on the rows. Each run
 * gives at most the limit, in order; they are merged here, because SQL would sort all of a run before it could cut.
 */
export function events(sql: Sql, query: EventQuery): StoredEvent[] {
  const words = searchWords(query.query ?? '')
  if (words.length === 0) return fromRuns(sql, query, bestPath(sql, query))
  const { indexedUpTo } = sql.one<{ indexedUpTo: number }>('SELECT indexed_up_to AS indexedUpTo FROM log')!
  const indexed = fromRuns(sql, query, searchPath(words))
  // The newest events are not in the word index yet; there are few of them, so they are looked through.
  const { limit: _, ...rest } = { ...query, after: Math.max(query.after ?? 0, indexedUpTo) }
  const tail = fromRuns(sql, { ...rest, limit: -1 }, wholeLog).filter(event => {
    const present = wordsOf(event)
    return words.every(word => present.has(word))
  })
  return cut([...indexed, ...tail], query)
}

function fromRuns(sql: Sql, query: EventQuery, path: Path): StoredEvent[] {
  const [filters, values] = filtersOf(query, path.filter)
  const rows = path.runs.flatMap(run =>
    sql.all<EventRow>(
      `SELECT ${ROW} FROM ${run.from} WHERE ${run.where} AND ${run.id} > ? AND ${run.id} < ?${filters}
       ORDER BY ${run.id} ${query.order} LIMIT ?`,
      ...run.values,
      query.after ?? 0,
      query.before ?? Number.MAX_SAFE_INTEGER,
      ...values,
      query.limit,
    ),
  )
  return path.runs.length === 1 ? rows.map(eventOf) : cut(rows, query).map(eventOf)
}

function cut<T extends { readonly id: number }>(found: readonly T[], { order, limit }: EventQuery): T[] {
  const unique = [...new Map(found.map(each => [each.id, each])).values()]
  return unique.sort((a, b) => (order === 'asc' ? a.id - b.id : b.id - a.id)).slice(0, limit)
}

const wholeLog: Path = { filter: '', runs: [{ from: 'events e', id: 'e.id', where: '1', values: [] }] }

function searchPath(words: readonly string[]): Path {
  const from = 'words w CROSS JOIN events e ON e.id = w.rowid'
  return { filter: '', runs: [{ from, id: 'w.rowid', where: 'w.words MATCH ?', values: [matchAll(words)] }] }
}

/** Counting stops here: two paths with more than this are both fine to walk for a page of 50. */
const MAX_COUNTED = 1_000

function bestPath(sql: Sql, query: EventQuery): Path {
  const paths = pathsOf(query)
  if (paths.length <= 1) return paths[0] ?? wholeLog
  const counted = paths.map(path => ({ path, count: countOf(sql, query, path) }))
  return counted.reduce((best, each) => (each.count < best.count ? each : best)).path
}

function countOf(sql: Sql, query: EventQuery, path: Path): number {
  let count = 0
  for (const run of path.runs) {
    const row = sql.one<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM ${run.from} WHERE ${run.where} AND ${run.id} > ? AND ${run.id} < ?
       LIMIT ${MAX_COUNTED})`,
      ...run.values,
      query.after ?? 0,
      query.before ?? Number.MAX_SAFE_INTEGER,
    )!
    count += row.count
  }
  return count
}

function pathsOf(query: EventQuery): Path[] {
  const paths: Path[] = []
  const column = (filter: string, name: string, values: readonly Value[]) =>
    paths.push({
      filter,
      runs: values.map(value => ({ from: 'events e', id: 'e.id', where: `e.${name} = ?`, values: [value] })),
    })
  if (query.thread !== undefined) column('thread', 'thread', [query.thread])
  if (query.senderId !== undefined) column('sender', 'sender', [query.senderId])
  if (query.types !== undefined) column('types', 'type', [...new Set(query.types)])
  if (query.channels !== undefined) paths.push(channelPath(query.channels, query.minLevel))
  if (query.minLevel !== undefined && query.minLevel !== 'lifecycle') {
    column(
      'level',
      'level',
      LEVELS.slice(LEVELS.indexOf(query.minLevel)).map(level => LEVELS.indexOf(level)),
    )
  }
  return paths
}

function channelPath(channels: readonly string[], minLevel: EventQuery['minLevel']): Path {
  const from = 'postings p CROSS JOIN events e ON e.id = p.event'
  const kinds = minLevel === undefined || minLevel === 'lifecycle' ? [0, 1] : [0]
  const runs = [...new Set(channels)].flatMap(channel =>
    kinds.map(kind => ({
      from,
      id: 'p.event',
      where: 'p.channel = ? AND p.is_lifecycle = ?',
      values: [channel, kind],
    })),
  )
  return { filter: 'channels', runs }
}

/** What the path has not settled. The unary plus keeps the planner from leaving the path for another index. */
function filtersOf(query: EventQuery, settled: string): [sql: string, values: Value[]] {
  const parts: string[] = []
  const values: Value[] = []
  const add = (name: string, part: string, ...more: Value[]) => {
    if (name === settled) return
    parts.push(` AND ${part}`)
    values.push(...more)
  }
  const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ')
  if (query.thread !== undefined) add('thread', '+e.thread = ?', query.thread)
  if (query.senderId !== undefined) add('sender', '+e.sender = ?', query.senderId)
  if (query.notSenderId !== undefined) add('not sender', '+e.sender <> ?', query.notSenderId)
  if (query.types !== undefined) add('types', `+e.type IN (${marks(query.types)})`, ...query.types)
  if (query.minLevel !== undefined) add('level', '+e.level >= ?', LEVELS.indexOf(query.minLevel))
  if (query.channels !== undefined) {
    const posted = `p2.channel IN (${marks(query.channels)}) AND p2.is_lifecycle = (e.level = 0) AND p2.event = e.id`
    add('channels', `EXISTS (SELECT 1 FROM postings p2 WHERE ${posted})`, ...query.channels)
  }
  return [parts.join(''), values]
}
