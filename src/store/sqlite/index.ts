import type { Said } from '../../bus/say.ts'
import type { Store } from '../../bus/store.ts'
import type { MachineClock } from '../../bus/store-clock.ts'
import { machineClock } from '../machine-clock.ts'
import { storeError } from './errors.ts'
import type { WriterOptions } from './group-commit.ts'
import { incidentOf, noteIncident } from './incidents.ts'
import { mend } from './mend.ts'
import { openFile } from './open-file.ts'
import type { Sql } from './sql.ts'
import { SqliteStore } from './sqlite-store.ts'

interface Options extends WriterOptions {
  readonly path: string
  readonly clock?: MachineClock
}

export async function openSqliteStore(options: Options): Promise<Store> {
  const { path, clock = machineClock, isAlone = false, onIncident } = options
  try {
    const incident = isAlone ? incidentOf(path) : undefined
    if (incident) onIncident?.(incident)
    return await open(options, clock, incident)
  } catch (error) {
    throw storeError(error, path)
  }
}

async function open(options: Options, clock: MachineClock, incident: Said | undefined): Promise<Store> {
  const { path } = options
  const sql = await openFile(path)
  try {
    return begin(sql, options, clock, incident)
  } catch (error) {
    const done = mend(sql, error, path, clock.wall())
    if (done === undefined) throw error
    options.onIncident?.(done)
    return begin(sql, options, clock, incident)
  }
}

function begin(sql: Sql, options: Options, clock: MachineClock, incident: Said | undefined): Store {
  if (incident) noteIncident(sql, clock.wall(), incident)
  return new SqliteStore(sql, options.path, clock, options)
}
