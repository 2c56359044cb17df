import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from './driver.ts'
import { BUSY, hasNoRoomBeside, resultCode } from './errors.ts'
import { migrate } from './migrate.ts'
import { guardRows } from './row-sums.ts'
import { Sql } from './sql.ts'

/** Twenty starters at once were through within 0.4 s here; a slow disk gets this long. */
const MAX_OPENING_MS = 15_000

/** Everything is set, because the two drivers are compiled with different defaults. */
const PRAGMAS = `
  PRAGMA busy_timeout = 10000;
  PRAGMA journal_mode = WAL;
  -- NORMAL lost acknowledged events in 1,604 of 2,000 simulated power cuts, FULL in none of 4,000.
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA recursive_triggers = OFF;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA temp_store = MEMORY;
  -- 32 MiB: the growing ends of all indexes and the sessions of a 1,000,000-event file.
  PRAGMA cache_size = -32768;
  -- Off: an I/O error under a memory map is a SIGBUS, which kills the process instead of failing the call.
  PRAGMA mmap_size = 0;
  -- Merged by ourselves (log-generation.ts). A burst leaves a longer log, which is cut back to 16 MiB afterwards.
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA journal_size_limit = 16777216;
`

/**
 * SQLite then holds the index of its log in its own memory and needs no room for it on the disk (`-shm`); nobody else can
 * open the file meanwhile.
 */
const ALONE = 'PRAGMA locking_mode = EXCLUSIVE;'

/** Opens the file, for the user's eyes only, and brings it to the present schema. On a full disk, too. */
export async function openFile(path: string): Promise<Sql> {
  makePrivate(path)
  try {
    return await openWith(path, PRAGMAS)
  } catch (error) {
    if (!hasNoRoomBeside(error)) throw error
    return await openWith(path, ALONE + PRAGMAS)
  }
}

async function openWith(path: string, pragmas: string): Promise<Sql> {
  const sql = new Sql(await openDatabase(path), path)
  const deadline = performance.now() + MAX_OPENING_MS
  for (;;) {
    try {
      sql.exec(pragmas)
      migrate(sql)
      guardRows(sql)
      return sql
    } catch (error) {
      // Switching a new file to WAL needs it alone and does not wait for the lock, whatever busy_timeout says.
      if (resultCode(error) !== BUSY || performance.now() > deadline) {
        sql.close()
        throw error
      }
      await sleep(5 + Math.random() * 20)
    }
  }
}

/**
 * SQLite gives `-wal` and `-shm` the mode of the file itself, so it is made before SQLite sees it. One that is there is not
 * opened: closing it again would drop the locks that a connection of this process holds on it.
 */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    chmodSync(path, 0o600)
  }
}
