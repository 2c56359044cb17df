import type { EventQuery } from '../../bus/store-reads.ts'
import type { Value } from './driver.ts'
import { FACETS } from './event-index.ts'
import { matchAll } from './search.ts'
import type { Sql } from './sql.ts'

/** A run of an index in the order of ids. */
export interface Run {
  /** What is walked; `id` is its id column. */
  readonly index: string
  readonly id: string
  readonly where: string
  readonly values: readonly Value[]
}

/** One way to find the events: together its runs hold all that can pass. */
export interface Path {
  /** The part of the question that the path settles. */
  readonly settles: 'nothing' | 'thread' | 'sender' | 'types' | 'level' | 'channels' | 'continues' | 'words'
  readonly runs: readonly Run[]
}

/** The only path that knows of the events after `log.indexedUpTo`. */
export const wholeLog: Path = {
  settles: 'nothing',
  runs: [{ index: 'events e', id: 'e.id', where: '1', values: [] }],
}

/** Counting stops here: of two paths with more than this either is fine to walk for a page of 50. */
const MAX_COUNTED = 1_000

/** The index that promises the fewest events. */
export function bestPath(sql: Sql, query: EventQuery, words: readonly string[]): Path {
  const paths = pathsOf(query, words)
  if (paths.length <= 1) return paths[0] ?? wholeLog
  const counted = paths.map(path => ({ path, count: countOf(sql, query, path) }))
  return counted.reduce((best, each) => (each.count < best.count ? each : best)).path
}

function countOf(sql: Sql, query: EventQuery, path: Path): number {
  let count = 0
  for (const { index, id, where, values } of path.runs) {
    const row = sql.one<{ count: number }>(
      `SELECT count(*) AS count
       FROM (SELECT 1 FROM ${index} WHERE ${where} AND ${id} > ? AND ${id} < ? LIMIT ${MAX_COUNTED})`,
      ...values,
      query.after ?? 0,
      query.before ?? Number.MAX_SAFE_INTEGER,
    )!
    count += row.count
  }
  return Math.min(count, MAX_COUNTED)
}

/** In the order in which equal ones are preferred: words are the dearest to look at in the event itself. */
function pathsOf(query: EventQuery, words: readonly string[]): Path[] {
  const paths: Path[] = []
  if (words.length > 0) {
    const values = [matchAll(words)]
    paths.push({
      settles: 'words',
      runs: [{ index: 'words w', id: 'w.rowid', where: 'w.words MATCH ?', values }],
    })
  }
  const { thread, senderId, channels, types, minLevel, continues } = query
  if (continues !== undefined) paths.push(facetPath('continues', [FACETS.continues(continues)]))
  if (thread !== undefined) paths.push(threadPath(thread))
  if (senderId !== undefined) paths.push(facetPath('sender', [FACETS.sender(senderId)]))
  if (channels !== undefined) {
    const isRare = minLevel === 'actionable'
    paths.push(isRare ? facetPath('channels', channels.map(FACETS.actionableOn)) : channelPath(channels, minLevel))
  }
  if (types !== undefined) paths.push(facetPath('types', types.map(FACETS.type)))
  if (minLevel === 'actionable') paths.push(facetPath('level', [FACETS.actionable]))
  return paths
}

function facetPath(settles: Path['settles'], facets: readonly string[]): Path {
  const runs = [...new Set(facets)].map(facet => ({
    index: 'facets f',
    id: 'f.event',
    where: 'f.facet = ?',
    values: [facet],
  }))
  return { settles, runs }
}

/** Its root names no thread and is found by its id. */
function threadPath(thread: string): Path {
  const path = facetPath('thread', [FACETS.thread(thread)])
  const root = /^[1-9]\d{0,15}$/.test(thread) ? Number(thread) : 0
  const where = 'e.id = ? AND e.thread IS NULL'
  return { ...path, runs: [...path.runs, { index: 'events e', id: 'e.id', where, values: [root] }] }
}

function channelPath(channels: readonly string[], minLevel: EventQuery['minLevel']): Path {
  const kinds = minLevel === 'info' ? ['p.is_lifecycle = 0'] : ['p.is_lifecycle = 0', 'p.is_lifecycle = 1']
  const runs = [...new Set(channels)].flatMap(channel =>
    kinds.map(kind => ({
      index: 'main.postings p',
      id: 'p.event',
      where: `p.channel = ? AND ${kind}`,
      values: [channel],
    })),
  )
  return { settles: 'channels', runs }
}
