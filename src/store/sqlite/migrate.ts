import { BusError } from '../../bus/errors.ts'
import { say } from '../../bus/say.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { requireSound, sumAnew } from './row-sums.ts'
import type { Sql } from './sql.ts'

/**
 * Brings the file to the present schema. Each step and its number are one transaction, and the number is read under the
 * write lock: of any number of starters one does the step and the others find it done; a kill leaves the step undone.
 */
export function migrate(sql: Sql, steps: readonly Migration[] = migrations): void {
  // The common start needs no write lock.
  if (versionOf(sql) === steps.length) return
  for (;;) {
    sql.exec('BEGIN IMMEDIATE')
    try {
      const version = versionOf(sql)
      if (version > steps.length) throw newer(version, steps.length)
      const step = steps[version]
      if (step !== undefined) {
        // What is damaged must not get a sum that fits it; and the step may change what is summed.
        requireSound(sql)
        if (typeof step === 'string') sql.exec(step)
        else step(sql)
        sumAnew(sql)
        sql.exec(`PRAGMA user_version = ${version + 1}`)
      }
      sql.exec('COMMIT')
      if (step === undefined) return
    } catch (error) {
      sql.exec('ROLLBACK')
      throw error
    }
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
