import { type Said, say } from '../../bus/say.ts'
import type { Incident } from '../../bus/store-reads.ts'
import { faultOfLog, keepLog, layAside, logOf } from './log-generation.ts'
import type { Sql } from './sql.ts'
import { readLog } from './transaction.ts'

/** More than a log can hold: ids and fencing tokens that were given and are lost with it are not given again. */
export const SKIPPED = 1_000_000
/** `doctor` shows only the newest. */
const MAX_TOLD = 10

/** What has happened to a file that nobody has open, and is put right where it can be. */
export function incidentOf(path: string): Said | undefined {
  switch (faultOfLog(path)) {
    case 'lost':
      return say`${logOf(path)} was missing, and ${path} had not been closed: unless another program has merged it, what was stored in the moments before is lost`
    case 'orphaned':
      return say`${path} was missing or empty, and its log was not: a new store was begun, and the log was laid aside as ${layAside(path)}`
    case 'foreign':
      return say`${logOf(path)} did not belong to ${path}, as after restoring a backup: it was laid aside as ${layAside(path)}`
    case 'damaged':
      return say`${logOf(path)} was damaged on the disk: what was stored in the moments before a crash is lost, from the damage on. The log is kept as ${keepLog(path)}`
    case undefined:
      return undefined
  }
}

/** Notes it in the file, and goes on with ids that were certainly never given. */
export function noteIncident(sql: Sql, at: number, incident: Said): void {
  sql.exec('BEGIN IMMEDIATE')
  try {
    sql.run('INSERT INTO incidents (at, text) VALUES (?, ?)', at, incident.text)
    const { newest, at: latest, events, claimToken } = readLog(sql)
    sql.run(
      'UPDATE log SET newest = ?, at = ?, events = ?, claim_token = ?',
      newest + SKIPPED,
      latest,
      events,
      claimToken + SKIPPED,
    )
    sql.exec('COMMIT')
  } catch (error) {
    sql.rollback()
    throw error
  }
}

/** The newest first. */
export function incidents(sql: Sql): Incident[] {
  return sql
    .all<Incident>(`SELECT at, text FROM incidents ORDER BY num DESC LIMIT ${MAX_TOLD}`)
    .map(({ at, text }) => ({ at, text }))
}
