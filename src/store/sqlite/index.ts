import type { Said } from '../../bus/say.ts'
import type { Store } from '../../bus/store.ts'
import type { MachineClock } from '../../bus/store-clock.ts'
import { machineClock } from '../machine-clock.ts'
import { storeError } from './errors.ts'
import type { Sizes } from './group-commit.ts'
import { incidentOf, noteIncident } from './incidents.ts'
import { openFile } from './open-file.ts'
import { SqliteStore } from './sqlite-store.ts'

export async function openSqliteStore(options: {
  path: string
  clock?: MachineClock
  /** The caller keeps all other processes from the file, so the store may repair what happened to it meanwhile. */
  isAlone?: boolean
  /** Told of what has happened to the file from outside. */
  onIncident?: (text: Said) => void
  sizes?: Sizes
}): Promise<Store> {
  const { path, clock = machineClock, isAlone = false, onIncident, sizes } = options
  try {
    const incident = isAlone ? incidentOf(path) : undefined
    if (incident) onIncident?.(incident)
    const sql = await openFile(path)
    if (incident) noteIncident(sql, clock.wall(), incident)
    return new SqliteStore(sql, path, clock, sizes)
  } catch (error) {
    throw storeError(error, path)
  }
}
