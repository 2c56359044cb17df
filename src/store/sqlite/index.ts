import type { Store } from '../../bus/store.ts'
import type { MachineClock } from '../../bus/store-clock.ts'
import { machineClock } from '../machine-clock.ts'
import { storeError } from './errors.ts'
import { openFile } from './open-file.ts'
import { SqliteStore } from './sqlite-store.ts'

export async function openSqliteStore(options: {
  path: string
  clock?: MachineClock
  /** How many events may wait for their indexes; of use to tests only. */
  indexBatch?: number
}): Promise<Store> {
  const { path, clock = machineClock, indexBatch } = options
  try {
    return new SqliteStore(await openFile(path), path, clock, indexBatch)
  } catch (error) {
    throw storeError(error)
  }
}
