import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { BusError } from '../bus/errors.ts'
import { retold, say } from '../bus/say.ts'
import { announcedSocket } from './hub-file.ts'
import { type KnownFile, statsOf, whyGone } from './known-file.ts'
import { isOwnSocket, isUsersSocket, ownFolder } from './ownership.ts'
import type { HomePaths } from './paths.ts'
import { createPrivate, privateFolder, readPrivate } from './private-files.ts'
import { follow } from './trusted-path.ts'

/*
 * The only way to a unix socket. Node tells nobody who is at the other end, so what is looked at is the place: the
 * socket and its folder are the user's own, and nobody else could have put one there.
 */

/** Connects to a socket of the user's programs. Throws ENOENT where none is, and `unsafe_place` where it is not theirs. */
export function connectPrivately(path: string): Socket {
  if (!isOwnSocket(path)) throw missing(path)
  return connect(path)
}

/** Connects to a socket that another program of the user made. */
export function connectToUsers(path: string): Socket {
  if (!isUsersSocket(path)) throw missing(path)
  return connect(path)
}

/** Never connected to where nothing was seen: it could be made by anybody in the next moment. */
function missing(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`connect ENOENT ${path}`), { code: 'ENOENT' })
}

/** Listens for the user alone. What lies there is removed: only who knows that nobody listens may call this. */
export async function listenPrivately(server: Server, path: string, backlog?: number): Promise<void> {
  await privateFolder(dirname(path))
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    closedToOthers(() =>
      server.listen({ path, ...(backlog === undefined ? {} : { backlog }) }, () => {
        server.off('error', reject)
        resolve()
      }),
    )
  })
  chmodSync(path, 0o600)
}

/**
 * Ends the listening at this path. Node removes whatever lies there by then, within the call: a socket that another program
 * has put there meanwhile is kept.
 */
export function closeListening(server: Server, own: KnownFile, onClosed?: () => void): void {
  const isOthers = whyGone(own, statsOf(own.path)) === 'replaced'
  const kept = `${own.path}.${randomBytes(2).toString('hex')}`
  if (isOthers) renameSync(own.path, kept)
  server.close(onClosed)
  if (isOthers) renameSync(kept, own.path)
}

/** Node binds within the call, so that the socket never stands open, whatever the umask. */
function closedToOthers(bind: () => void): void {
  const before = process.umask(0o077)
  try {
    bind()
  } finally {
    process.umask(before)
  }
}

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing NUL included. */
const MAX_SOCKET_BYTES = 103

/** What a place says that can hold no socket: its file system has none, its path is too long, or it is not the user's. */
const UNFIT = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS', 'ENXIO', 'ENAMETOOLONG'])

/**
 * Listens in the data folder or, where that can hold no socket of this name, in a short folder of the home's own. Gives
 * the path. Throws `store_unavailable` where neither can: in a sandbox, say.
 */
export async function listenInHome(
  server: Server,
  paths: HomePaths,
  name: string,
  { backlog, listen = listenPrivately }: { backlog?: number; listen?: typeof listenPrivately } = {},
): Promise<string> {
  const wished = join(paths.data, name)
  let fault: unknown = Object.assign(new Error(`the path is longer than ${MAX_SOCKET_BYTES} bytes`), {
    code: 'ENAMETOOLONG',
  })
  const tried = async (path: string): Promise<boolean> => {
    try {
      await listen(server, path, backlog)
      return true
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (!UNFIT.has(code) && !(error instanceof BusError && error.code === 'unsafe_place')) throw error
      fault = error
      return false
    }
  }
  if (Buffer.byteLength(wished) <= MAX_SOCKET_BYTES && (await tried(wished))) return wished
  // On a full disk the one that is there must do.
  if (keyOf(paths) === undefined) await createPrivate(paths.socketKey, `${randomBytes(24).toString('base64url')}\n`)
  for (const folder of shortFolders(paths)) if (await tried(join(folder, name))) return join(folder, name)
  throw new BusError(
    'store_unavailable',
    say`expected to listen at ${wished}, got ${retold((fault as Error).message)}`,
    {
      next: 'Set SWITCHBOARD_HOME to a short path on a disk of this machine, and start the hub outside of any sandbox.',
      cause: fault,
    },
  )
}

/** Where a program of this home listens under this name, or would. */
export function findSocket(paths: HomePaths, name: string): string {
  const wished = join(paths.data, name)
  return [wished, ...shortFolders(paths).map(folder => join(folder, name))].find(isThere) ?? wished
}

/** The running hub's: what it announced, else where it would listen. */
export function hubSocket(paths: HomePaths): string {
  const announced = announcedSocket(paths)
  const isOurs = announced !== undefined && isOfHome(paths, announced) && isThere(announced)
  return isOurs ? announced : findSocket(paths, HUB_SOCKET)
}

/**
 * Whether a hub of this home could listen there, whichever links it went through to the data folder. A copy of a home, or one
 * restored from a backup, has another home's announcement and credential, and the other home's hub would accept them.
 */
function isOfHome(paths: HomePaths, socket: string): boolean {
  const folder = dirname(socket)
  return realFolder(folder) === realFolder(paths.data) || shortFolders(paths).includes(folder)
}

function realFolder(path: string): string | undefined {
  try {
    return follow(path)?.at
  } catch {
    return undefined
  }
}

export const HUB_SOCKET = 'hub.sock'

/** The name under which a session process can be reached by what its client runs to be woken. */
export function wakeSocket(clientPid: number): string {
  return `b${clientPid}`
}

/** Those that are there, of sessions that live or were killed. */
export function wakeSockets(paths: HomePaths): string[] {
  return [paths.data, ...shortFolders(paths)]
    .filter(folder => existsSync(folder))
    .flatMap(folder => readdirSync(folder).map(name => join(folder, name)))
    .filter(path => /^b\d+$/.test(basename(path)))
}

/** How many names are tried. Another user can take one that was seen before, but not guess the next. */
const SHORT_FOLDERS = 8

/**
 * Folders below the temp folder with names that only this home can know, the same for each of its programs: not below
 * TMPDIR or XDG_RUNTIME_DIR, which differ from program to program. The first that is the user's own serves. Where the home
 * lies counts, because a copy of it has the same key.
 */
function shortFolders(paths: HomePaths): string[] {
  const key = keyOf(paths)
  const home = key && ownFolder(paths.data)
  if (key === undefined || home === undefined) return []
  const base = existsSync('/tmp') ? '/tmp' : tmpdir()
  return Array.from({ length: SHORT_FOLDERS }, (_, i) =>
    join(base, `switchboard-${createHmac('sha256', key).update(`${i} ${home}`).digest('hex').slice(0, 24)}`),
  )
}

/** A key that others could guess would name folders that they could make. */
function keyOf({ socketKey }: HomePaths): string | undefined {
  const text = readPrivate(socketKey)
  if (text === undefined || /^[\w-]{32}\n$/.test(text)) return text
  throw new BusError(
    'store_unavailable',
    say`${socketKey}: expected 32 characters, got ${text.length} of something else`,
    {
      next: 'Remove it: the next hub makes a new one.',
    },
  )
}

/** What is another user's is no socket of this home. In the home itself it is a fault, and is told by who connects. */
function isThere(path: string): boolean {
  try {
    return isOwnSocket(path)
  } catch (error) {
    if (error instanceof BusError) return false
    throw error
  }
}
