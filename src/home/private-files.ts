import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import fs, { rename, rm } from 'node:fs/promises'
import { constants as system } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import { retold, say } from '../bus/say.ts'
import { isOwnFile, ownFolder, requireOwnFile, trustedFile } from './ownership.ts'

/** Makes a folder that only its owner can enter, and those above it; refuses one that is somebody else's. */
export async function privateFolder(path: string): Promise<void> {
  try {
    ownFolder(path, { make: true })
  } catch (error) {
    throw homeFault(path, error)
  }
}

/** What the disk says of a place in the home, as an error of the registry. */
export function homeFault(path: string, error: unknown): BusError {
  if (error instanceof BusError) return error
  if (isOfRoom(error)) {
    return new BusError('store_full', say`${path} was not written: the disk is full, or the quota on it is used up`, {
      next: 'Free some space on it, then try again.',
      cause: error,
    })
  }
  return new BusError(
    'store_unavailable',
    say`expected to read and write ${path}, got ${retold((error as Error).message)}`,
    {
      next: 'Set SWITCHBOARD_HOME to a folder that you can write.',
      cause: error,
    },
  )
}

/** By number: Node has no name for EDQUOT. */
function isOfRoom(error: unknown): boolean {
  const { ENOSPC, EDQUOT } = system.errno
  return [ENOSPC, EDQUOT].includes(-((error as NodeJS.ErrnoException).errno ?? 0))
}

/** The text of a file that is the user's alone, or a part of it; undefined where none is. */
export function readPrivate(path: string, part?: { from: number; maxBytes: number }): string | undefined {
  return reading(path, () => {
    if (!isOwnFile(path)) return undefined
    const file = openedIfThere(path)
    if (file === undefined) return undefined
    try {
      if (part === undefined) return readFileSync(file, 'utf8')
      const bytes = Buffer.alloc(part.maxBytes)
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, part.maxBytes, part.from))
    } finally {
      closeSync(file)
    }
  })
}

/** The text of a file that others may read, but not change; undefined where none is. */
export function readTrusted(path: string): string | undefined {
  return readTrustedBytes(path)?.toString('utf8')
}

export function readTrustedBytes(path: string): Buffer | undefined {
  return reading(path, () => {
    const at = trustedFile(path)
    return at === undefined ? undefined : readFileSync(at)
  })
}

/** For what is added to a file of the user's alone, which is made where there is none. To be closed by the caller. */
export function openToAppend(path: string): number {
  return reading(path, () => {
    ownFolder(dirname(path), { make: true })
    isOwnFile(path)
    return openPrivate(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
  })
}

/** Undefined where it has just been removed. */
function openedIfThere(path: string): number | undefined {
  try {
    return openPrivate(path, constants.O_RDONLY)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function openPrivate(path: string, flags: number): number {
  // The open of a pipe would wait for its other end.
  const file = openSync(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), 0o600)
  try {
    requireOwnFile(path, fstatSync(file))
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw homeFault(path, error)
  }
}

/** Replaces a file's content whole or not at all; only its owner can read it. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const temporary = await written(path, content)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw homeFault(path, error)
  }
}

/** Writes a file unless there is one; says whether it did. Of several at once exactly one does. */
export async function createPrivate(path: string, content: string): Promise<boolean> {
  const temporary = await written(path, content)
  try {
    await place(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw homeFault(path, error)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** What a file system without hard links says of one (network drives, some mounts of virtual machines). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'])

/** Gives the file this name whole or, with EEXIST, not at all: by a link or, where there are none, by turns. */
async function place(temporary: string, path: string): Promise<void> {
  try {
    await fs.link(temporary, path)
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    await placeByTurns(temporary, path)
  }
}

/** Longer than any rename; a turn that lasts so long was left by a process that was killed in it. */
const TURN_MS = 2_000

async function placeByTurns(temporary: string, path: string): Promise<void> {
  const turn = `${path}.turn`
  const giveUpAt = performance.now() + TURN_MS
  for (;;) {
    if (existsSync(path)) throw Object.assign(new Error('it is there already'), { code: 'EEXIST' })
    try {
      mkdirSync(turn, { mode: 0o700 })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (performance.now() > giveUpAt) rmSync(turn, { recursive: true, force: true })
      await sleep(10)
    }
  }
  try {
    if (existsSync(path)) throw Object.assign(new Error('it is there already'), { code: 'EEXIST' })
    renameSync(temporary, path)
  } finally {
    rmSync(turn, { recursive: true, force: true })
  }
}

async function written(path: string, content: string): Promise<string> {
  await privateFolder(dirname(path))
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await fs.open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    return temporary
  } catch (error) {
    await rm(temporary, { force: true })
    throw homeFault(path, error)
  }
}
