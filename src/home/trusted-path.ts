import { lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path'
import { BusError } from '../bus/errors.ts'
import { type Said, say } from '../bus/say.ts'

export interface Found {
  /** Without links. */
  readonly at: string
  readonly stats: Stats
}

const MAX_LINKS = 40

/**
 * Follows a path from the root as the system would, and refuses it where another user could lead it elsewhere:
 *
 *   - a folder on the way belongs to root or the user, and only its owner can put names into it;
 *   - in a folder where everybody can (`/tmp`, with the sticky bit) the next name belongs to root or the user;
 *   - a link belongs to root or the user, and what it leads to is looked at in the same way.
 *
 * What passed cannot be changed by another user before it is used, so that looking first and opening then is no race.
 * After OpenSSH's StrictModes, and Kupsch and Miller, "How to open a file and not get hacked" (2008). Undefined where
 * nothing is there, unless the missing folders are to be made. Synchronous: ten calls of `lstat`, 50 µs.
 */
export function follow(path: string, { make = false } = {}): Found | undefined {
  // Not `resolve`, which takes `link/..` for nothing, where the system goes to the parent of what the link leads to.
  const absolute = isAbsolute(path) ? path : process.cwd() + sep + path
  let here = rootOf(absolute)
  let rest = absolute.slice(here.at.length).split(sep)
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...after] = rest
    rest = after
    if (name === '' || name === '.') continue
    requireKind(path, here, 'folder')
    const at = name === '..' ? dirname(here.at) : join(here.at, name)
    const stats = statOf(at) ?? (make ? made(at) : undefined)
    if (stats === undefined) return undefined
    const next = { at, stats }
    requireTrusted(path, next, here)
    if (!stats.isSymbolicLink()) {
      here = next
      continue
    }
    if (++links > MAX_LINKS) throw unsafe(path, at, say('is one of too many links'), otherPlace(at))
    const target = readlinkSync(at)
    if (isAbsolute(target)) here = rootOf(target)
    rest = [...target.slice(isAbsolute(target) ? here.at.length : 0).split(sep), ...rest]
  }
  return here
}

export type Kind = 'folder' | 'file' | 'socket'

export function requireKind(path: string, { at, stats }: Found, kind: Kind): void {
  const isKind = { folder: stats.isDirectory(), file: stats.isFile(), socket: stats.isSocket() }[kind]
  if (isKind) return
  const what = say`expected a ${kind} of your own at ${at}, got ${kindOf(stats)}`
  throw new BusError('store_unavailable', say`${what}${onTheWay(path, at)}`, { next: otherPlace(at) })
}

export function requireOwner(path: string, { at, stats }: Found): void {
  if (!hasOwners() || stats.uid === process.geteuid?.()) return
  const user = process.geteuid?.() ?? 'unknown'
  throw unsafe(path, at, say`belongs to user ${stats.uid}, not to user ${user}`, otherPlace(at))
}

/** No other user can read or use it. */
export function requireClosed(path: string, found: Found, wanted: string): void {
  if (hasOwners() && (found.stats.mode & 0o077) !== 0) throw exposed(path, found, wanted)
}

/** No other user can change it, or put names into it. */
export function requireUnwritable(path: string, found: Found, wanted: string): void {
  if (hasOwners() && isWritableByOthers(found.stats)) throw exposed(path, found, wanted)
}

function requireTrusted(path: string, next: Found, parent: Found): void {
  const { at, stats } = next
  try {
    if (stats.uid !== 0) requireOwner(path, next)
    if (stats.isDirectory() && (stats.mode & 0o1000) === 0) requireUnwritable(path, next, 'go-w')
  } catch (error) {
    // In a shared folder anybody can have made it; elsewhere only who may make names there.
    if (!stats.isDirectory() || isWritableByOthers(parent.stats) || !isAboveHome(at)) throw error
  }
}

/** Windows has no such owners and modes; there the user's profile is private by its own lists. */
export function hasOwners(): boolean {
  return process.geteuid !== undefined
}

function isWritableByOthers({ mode, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !isOwnGroup(gid))
}

/**
 * Many systems give every user a group of that one user, and with it a umask by which the group may write. Root's group
 * holds nobody who could not become root.
 */
function isOwnGroup(gid: number): boolean {
  if (gid === 0) return true
  if (gid !== process.geteuid?.() || gid !== process.getegid?.()) return false
  try {
    const entry = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .map(line => line.split(':'))
      .find(([, , id]) => id === String(gid))
    return (entry?.[3] ?? '') === ''
  } catch {
    return true
  }
}

/**
 * Above the user's home, as the system's list of users has it, the administrator decides (as in OpenSSH): on network
 * drives and in sandboxes with users of their own, such folders may belong to anybody. Only asked about what would else
 * be refused, because that list may lie on another machine.
 */
function isAboveHome(path: string): boolean {
  try {
    const home = realpathSync(userInfo().homedir)
    return home !== path && home.startsWith(path.endsWith(sep) ? path : path + sep)
  } catch {
    return false
  }
}

function rootOf(path: string): Found {
  const at = parse(path).root
  return { at, stats: lstatSync(at) }
}

function made(path: string): Stats {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return lstatSync(path)
}

export function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function kindOf(stats: Stats): Said {
  if (stats.isSymbolicLink()) return say('a link')
  if (stats.isDirectory()) return say('a folder')
  if (stats.isSocket()) return say('a socket')
  return say(stats.isFile() ? 'a file' : 'a device or a pipe')
}

function otherPlace(at: string): Said {
  return say`Remove ${at}, or set SWITCHBOARD_HOME to a folder of your own.`
}

function exposed(path: string, { at, stats }: Found, wanted: string): BusError {
  const mode = (stats.mode & 0o7777).toString(8)
  // What all users share, such as `/tmp`, is not to be closed to them.
  const isShared = stats.isDirectory() && (stats.mode & 0o1000) !== 0
  const look = stats.isDirectory() ? say('See that all in it is yours, then: ') : say('')
  const isOwn = stats.uid === process.geteuid?.()
  const next =
    isOwn && !isShared
      ? say`${look}chmod ${wanted} ${at}`
      : say('Set SWITCHBOARD_HOME to a folder of your own elsewhere.')
  return unsafe(path, at, say`has mode ${mode} and is open to other users`, next)
}

function unsafe(path: string, at: string, what: Said, next: Said): BusError {
  return new BusError('unsafe_place', say`${at} ${what}${onTheWay(path, at)}`, { next })
}

function onTheWay(path: string, at: string): Said {
  return resolve(path) === at ? say('') : say`, on the way to ${path}`
}
