import { join } from 'node:path'

/**
 * The least that an acknowledged write can cost on this machine: one row through the same SQLite driver with the
 * store's own pragmas (WAL, synchronous=FULL), into a file on the same disk as the store, each in its own transaction.
 * One table without an index; the row is a published event's JSON.
 */
export async function insertFloor(home, body) {
  const sql = await home.programs.openFile(join(home.folder, 'floor.db'))
  home.defer(() => sql.close())
  sql.exec('CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT')
  const insert = () => sql.run('INSERT INTO floor (body) VALUES (?)', body)
  return {
    insert,
    insertMany(count) {
      sql.run('BEGIN IMMEDIATE')
      for (let i = 0; i < count; i++) insert()
      sql.run('COMMIT')
    },
  }
}
