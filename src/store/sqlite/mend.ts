import { joined, type Said, say } from '../../bus/say.ts'
import { brokenTables, makeAnew, makeIndexesAnew } from './broken.ts'
import { CORRUPT, DamagedRow, damagedTable, resultCode } from './errors.ts'
import { forgetIndexes } from './event-index.ts'
import { SKIPPED } from './incidents.ts'
import { removeDamaged, summedTables } from './row-sums.ts'
import type { Sql } from './sql.ts'

/** What events are found by; the last with the tables that it is kept in. */
const MADE_OF_EVENTS = /^(postings|facets|words|words_.*)$/

/**
 * Takes the damaged rows out of all tables and keeps them in `damaged`, for a person to look at; what is made of events or of
 * other rows, such as indexes, is made anew. Whatever was read before may rest on what is gone, so the store is to be opened
 * anew. Says what was done; undefined where nothing can be.
 */
export function mend(sql: Sql, error: unknown, path: string, at: number): Said | undefined {
  const table = damagedTable(error)
  const isCorrupt = resultCode(error) === CORRUPT
  if (table === undefined && !isCorrupt) return undefined
  // Before the transaction, which a page that cannot be read would end.
  const broken = isCorrupt ? brokenTables(sql) : []
  // Else the rows of sound sessions would go with the table of before.
  sql.exec('PRAGMA foreign_keys = OFF')
  try {
    sql.exec('BEGIN IMMEDIATE')
    const damaged = new Set(table === undefined ? broken : [table, ...broken])
    const derived = [...damaged].filter(name => MADE_OF_EVENTS.test(name))
    const counts = removeAll(sql, at, broken)
    if (damaged.size + counts.length === 0) throw error
    if (broken.includes('events')) makeIndexesAnew(sql, 'events')
    if (counts.some(({ name }) => name === 'log')) remakeLog(sql)
    const unreadable = error instanceof DamagedRow ? error.eventId : undefined
    if (unreadable !== undefined) takeOut(sql, unreadable)
    else if (derived.length > 0 || counts.some(({ name }) => name === 'log')) {
      for (const name of derived) if (broken.includes(name)) makeAnew(sql, name)
      forgetIndexes(sql)
    }
    const rows = counts.map(({ name, count }) => say`${count} of ${name}`)
    const told = say`${path} was damaged on the disk${joined('', [
      unreadable === undefined
        ? say`, in ${[...damaged].join(', ')}`
        : say`: event ${unreadable} was taken out of the inboxes`,
      rows.length === 0 ? say('') : say`; rows were taken out: ${joined(', ', rows)}`,
    ])}`
    sql.run('INSERT INTO incidents (at, text) VALUES (?, ?)', at, told.text)
    sql.exec('COMMIT')
    return told
  } catch (error) {
    sql.rollback()
    throw error
  } finally {
    sql.exec('PRAGMA foreign_keys = ON')
  }
}

/** Of all inboxes: by the channels that it was sent to, and of those who took it over. */
function takeOut(sql: Sql, eventId: number): void {
  sql.run('DELETE FROM main.postings WHERE event = ?', eventId)
  sql.run('UPDATE deliveries SET taken_by = NULL WHERE event = ? AND taken_by IS NOT NULL AND done = 0', eventId)
}

function removeAll(sql: Sql, at: number, broken: readonly string[]): { name: string; count: number }[] {
  const counts: { name: string; count: number }[] = []
  for (const table of summedTables(sql)) {
    const rows = removeDamaged(sql, table, broken.includes(table.name))
    for (const row of rows) {
      sql.run('INSERT INTO damaged (at, place, content) VALUES (?, ?, ?)', at, table.name, JSON.stringify(row))
    }
    if (rows.length > 0) counts.push({ name: table.name, count: rows.length })
  }
  for (const table of ['subscriptions', 'deliveries', 'claims']) {
    sql.run(`DELETE FROM ${table} WHERE session NOT IN (SELECT num FROM main.sessions)`)
  }
  sql.run('DELETE FROM present_state WHERE (key, version) NOT IN (SELECT key, version FROM main.state)')
  return counts
}

/** Ids and fencing tokens that were given are not given again. */
function remakeLog(sql: Sql): void {
  sql.run(
    `INSERT INTO log (one, newest, at, events, pruned_up_to, indexed_up_to, claim_token)
     SELECT 1, coalesce(max(id), 0) + ?1, coalesce(max(at), 0), count(*), coalesce(min(id), 1) - 1, 0,
       (SELECT coalesce(max(token), 0) FROM main.claims) + ?1
     FROM events`,
    SKIPPED,
  )
}
