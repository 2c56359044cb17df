import { BusError } from '../../bus/errors.ts'
import { say } from '../../bus/say.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { requireSound, sumAnew } from './row-sums.ts'
import type { Sql } from './sql.ts'

/**
 * Brings the file to the present schema in one transaction, in which the schema's number is read too: of any number of
 * starters one does it and the others find it done; a kill leaves the file as it was.
 */
export function migrate(sql: Sql, steps: readonly Migration[] = migrations): void {
  // The common start needs no write lock.
  if (versionOf(sql) === steps.length) return
  sql.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(sql)
    if (version > steps.length) throw newer(version, steps.length)
    if (version < steps.length) {
      // What is damaged must not get a sum that fits it; and the steps may change what is summed.
      requireSound(sql)
      for (const step of steps.slice(version)) {
        if (typeof step === 'string') sql.exec(step)
        else step(sql)
      }
      sumAnew(sql)
      sql.exec(`PRAGMA user_version = ${steps.length}`)
    }
    sql.exec('COMMIT')
  } catch (error) {
    sql.rollback()
    throw error
  }
}

function versionOf(sql: Sql): number {
  return sql.one<{ user_version: number }>('PRAGMA user_version')!.user_version
}

function newer(found: number, known: number): BusError {
  return new BusError(
    'store_unavailable',
    say`the store has schema ${found}, and this program knows schemas up to ${known}: a newer Switchboard wrote it`,
    { next: 'Update Switchboard on this machine, or point it at another data folder.' },
  )
}
