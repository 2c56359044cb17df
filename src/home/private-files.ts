import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BusError } from '../bus/errors.ts'

/** Makes a folder that only its owner can enter; refuses one that is somebody else's or a link. */
export async function privateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path)
    const found = await lstat(path)
    const isOwn = process.getuid === undefined || found.uid === process.getuid()
    if (!found.isDirectory() || !isOwn) {
      const what = found.isSymbolicLink() ? 'a link' : found.isDirectory() ? "somebody else's" : 'a file'
      throw new BusError('store_unavailable', `expected a folder of your own at ${path}, got ${what}`, {
        next: 'Remove it, or set SWITCHBOARD_HOME to another folder.',
      })
    }
    if ((found.mode & 0o077) !== 0) await chmod(path, 0o700)
  } catch (error) {
    throw homeFault(path, error)
  }
}

/**
 * Level by level: Node's own recursive way tries for ever, at full speed, where the system says that a folder's parent is
 * missing although it is there, as it does below /proc.
 */
async function makeFolder(path: string): Promise<void> {
  if (await wasMade(path)) return
  await makeFolder(dirname(path))
  if (!(await wasMade(path))) throw new Error('the folder that it lies in takes none')
}

/** False where the folder in which it should lie is missing. */
async function wasMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return true
    // Only the root has itself for a parent.
    if (code === 'ENOENT' && dirname(path) !== path) return false
    throw error
  }
}

/** What the disk says of a place in the home, as an error of the registry. */
export function homeFault(path: string, error: unknown): BusError {
  if (error instanceof BusError) return error
  return new BusError('store_unavailable', `expected to read and write ${path}, got ${(error as Error).message}`, {
    next: 'Set SWITCHBOARD_HOME to a folder that you can write.',
    cause: error,
  })
}

/** Replaces a file's content whole or not at all; only its owner can read it. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const temporary = await written(path, content)
  await rename(temporary, path)
}

/** Writes a file unless there is one; says whether it did. Of several at once exactly one does. */
export async function createPrivate(path: string, content: string): Promise<boolean> {
  const temporary = await written(path, content)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function written(path: string, content: string): Promise<string> {
  await privateFolder(dirname(path))
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', 0o600).catch(error => {
    throw homeFault(path, error)
  })
  try {
    await file.writeFile(content)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return temporary
}
