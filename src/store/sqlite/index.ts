import type { Store } from '../../bus/store.ts'
import { storeError } from './errors.ts'
import { openFile } from './open-file.ts'
import { SqliteStore } from './sqlite-store.ts'

export async function openSqliteStore(options: { path: string; now?: () => number }): Promise<Store> {
  try {
    return new SqliteStore(await openFile(options.path), options.path, options.now ?? Date.now)
  } catch (error) {
    throw storeError(error)
  }
}
