import { joined, type Said, say } from '../../bus/say.ts'
import { DamagedRow, damagedTable } from './errors.ts'
import { forgetIndexes } from './event-index.ts'
import { SKIPPED } from './incidents.ts'
import { removeDamaged, summedTables } from './row-sums.ts'
import type { Sql } from './sql.ts'

/** What events are found by. */
const MADE_OF_EVENTS = new Set(['postings', 'facets', 'words'])

/**
 * Takes the damaged rows out of all tables and keeps them in `damaged`, for a person to look at; what can be made anew from
 * events is. Whatever was read before may rest on what is gone, so the store is to be opened anew. Says what was done;
 * undefined where nothing can be.
 */
export function mend(sql: Sql, error: unknown, path: string, at: number): Said | undefined {
  const table = damagedTable(error)
  if (table === undefined) return undefined
  // Else the rows of sound sessions would go with the table of before.
  sql.exec('PRAGMA foreign_keys = OFF')
  try {
    sql.exec('BEGIN IMMEDIATE')
    const counts = removeAll(sql, at)
    if (counts.some(({ name }) => name === 'log')) remakeLog(sql)
    const unreadable = error instanceof DamagedRow ? error.eventId : undefined
    if (unreadable !== undefined) sql.run('DELETE FROM main.postings WHERE event = ?', unreadable)
    else if (MADE_OF_EVENTS.has(table) || counts.some(({ name }) => name === 'log')) forgetIndexes(sql)
    const rows = counts.map(({ name, count }) => say`${count} of ${name}`)
    const told = say`${path} was damaged on the disk${joined('', [
      unreadable === undefined ? say`, in ${table}` : say`: event ${unreadable} was taken out of the inboxes`,
      rows.length === 0 ? say('') : say`; rows were taken out: ${joined(', ', rows)}`,
    ])}`
    sql.run('INSERT INTO incidents (at, text) VALUES (?, ?)', at, told.text)
    sql.exec('COMMIT')
    return told
  } catch (error) {
    sql.exec('ROLLBACK')
    throw error
  } finally {
    sql.exec('PRAGMA foreign_keys = ON')
  }
}

function removeAll(sql: Sql, at: number): { name: string; count: number }[] {
  const counts: { name: string; count: number }[] = []
  for (const table of summedTables(sql)) {
    const rows = removeDamaged(sql, table)
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
