import { closeSync, openSync } from 'node:fs'
import { BusError } from '../bus/errors.ts'
import { retold, say } from '../bus/say.ts'
import { openDatabase } from '../store/sqlite/driver.ts'
import { resultCode } from '../store/sqlite/errors.ts'

/** Another hub serves this home. */
export class HubAlreadyRunning extends BusError {
  constructor(lockFile: string) {
    super('identity_taken', say`another hub of this home is running (it holds ${lockFile})`, {
      next: say('Use that one: `switchboard status`.'),
    })
    this.name = 'HubAlreadyRunning'
  }
}

const SQLITE_BUSY = 5

/**
 * Holds the home for as long as the process lives: an exclusive SQLite transaction that is never ended. The kernel
 * gives it to one process and takes it back however that process ends. The file's existence says nothing, and no
 * process id is ever looked at. Returns how to give it up.
 */
export async function takeLock(lockFile: string): Promise<() => void> {
  createPrivately(lockFile)
  const database = await openDatabase(lockFile)
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (resultCode(error) === SQLITE_BUSY) throw new HubAlreadyRunning(lockFile)
    throw new BusError('store_unavailable', say`${lockFile} cannot be locked: ${retold((error as Error).message)}`, {
      next: 'Remove it while no hub runs, or look at the disk.',
      cause: error,
    })
  }
  return () => database.close()
}

/**
 * Only where there is none: POSIX locks belong to process and file, so that opening and closing a file on which this
 * process holds one would drop it.
 */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
