import type { Store } from '../../bus/store.ts'
import { storeError } from './errors.ts'
import { openFile } from './open-file.ts'
import { SqliteStore } from './sqlite-store.ts'

export async function openSqliteStore(options: {
  path: string
  now?: () => number
  /** How many events may wait for their indexes; of use to tests only. */
  indexBatch?: number
}): Promise<Store> {
  try {
    return new SqliteStore(await openFile(options.path), options.path, options.now ?? Date.now, options.indexBatch)
  } catch (error) {
    throw storeError(error)
  }
}
