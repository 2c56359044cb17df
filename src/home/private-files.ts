import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BusError } from '../bus/errors.ts'

/** Makes a folder that only its owner can enter; refuses one that is somebody else's or a link. */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const found = await lstat(path)
  const isOwn = process.getuid === undefined || found.uid === process.getuid()
  if (!found.isDirectory() || !isOwn) {
    throw new BusError('store_unavailable', `expected a folder of your own at ${path}, got a link or somebody else's`, {
      next: 'Remove it, or set SWITCHBOARD_HOME to another folder.',
    })
  }
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700)
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
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  return temporary
}
