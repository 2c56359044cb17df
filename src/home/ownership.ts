import { chmodSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import {
  type Found,
  follow,
  hasOwners,
  type Kind,
  requireClosed,
  requireKind,
  requireOwner,
  requireUnwritable,
  statOf,
} from './trusted-path.ts'

/*
 * Whether a place on the disk is the user's own. Another user who made a folder, a socket or a file before the user's
 * programs did would get their credential, or answer as their hub. Everything private is reached through these.
 */

/**
 * A folder of the user, closed to others from now on: until now nobody else could put anything there. Gives its path
 * without links; undefined where none is.
 */
export function ownFolder(path: string, options: { make?: boolean } = {}): string | undefined {
  const found = unwritableFolder(path, options)
  if (found !== undefined) close(path, found, 0o700)
  return found?.at
}

function unwritableFolder(path: string, options: { make?: boolean } = {}): Found | undefined {
  const found = follow(path, options)
  if (found === undefined) return undefined
  requireOwn(path, found, 'folder')
  requireUnwritable(path, found, '700')
  return found
}

/** Whether there is a file that only the user can read, in a folder of the user. */
export function isOwnFile(path: string): boolean {
  const found = entryOf(ownFolder(dirname(path)), path)
  if (found !== undefined) requireOwnFile(path, found.stats)
  return found !== undefined
}

/** The same for a file that others may have read without harm: it is closed to them from now on. */
export function closeOwnFile(path: string): void {
  const found = entryOf(ownFolder(dirname(path)), path)
  if (found === undefined) return
  requireOwn(path, found, 'file')
  requireUnwritable(path, found, '600')
  close(path, found, 0o600)
}

/** What was found at this path, or opened from there. */
export function requireOwnFile(path: string, stats: Stats): void {
  const found = { at: resolve(path), stats }
  requireOwn(path, found, 'file')
  requireClosed(path, found, '600')
}

/** Whether there is a socket that only the user can connect to, in a folder of the user. */
export function isOwnSocket(path: string): boolean {
  // Not closed: the address may be anywhere, and who only looks changes nothing.
  const found = entryOf(unwritableFolder(dirname(path))?.at, path)
  if (found === undefined) return false
  requireOwn(path, found, 'socket')
  // Who connects needs to write; nobody reads or executes a socket.
  requireUnwritable(path, found, '600')
  return true
}

/** Whether there is a socket that another program of the user made, with modes of its own choice. */
export function isUsersSocket(path: string): boolean {
  const found = entryOf(follow(dirname(path))?.at, path)
  if (found === undefined) return false
  requireOwn(path, found, 'socket')
  return true
}

/** A file that only root and the user can change, though others may read it. Its path without links; undefined where none is. */
export function trustedFile(path: string): string | undefined {
  const found = follow(path)
  if (found === undefined) return undefined
  requireKind(path, found, 'file')
  requireUnwritable(path, found, 'go-w')
  return found.at
}

function requireOwn(path: string, found: Found, kind: Kind): void {
  requireOwner(path, found)
  requireKind(path, found, kind)
}

function close(path: string, { at, stats }: Found, mode: number): void {
  const isOpen = ({ mode }: Stats) => hasOwners() && (mode & 0o077) !== 0
  if (!isOpen(stats)) return
  chmodSync(at, mode)
  if (!isOpen(statOf(at)!)) return
  throw new BusError('unsafe_place', say`${at} cannot be closed to other users: its file system keeps no modes`, {
    next: say`Set SWITCHBOARD_HOME to a folder on another one${at === path ? '' : say` than ${path}`}.`,
  })
}

function entryOf(folder: string | undefined, path: string): Found | undefined {
  if (folder === undefined) return undefined
  const at = join(folder, basename(path))
  const stats = statOf(at)
  return stats && { at, stats }
}
