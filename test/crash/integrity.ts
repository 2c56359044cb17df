import { openDatabase } from '../../src/store/sqlite/driver.ts'

/** What SQLite says of a store's file: `ok`, or what is wrong. Reads it as a hub that starts does, its log included. */
export async function integrityOf(storeFile: string): Promise<string> {
  const database = await openDatabase(storeFile)
  try {
    const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
    return rows.map(row => row.integrity_check).join('\n')
  } finally {
    database.close()
  }
}
