import { looksLikeFile } from './glob.ts'
import { LIMITS } from './limits.ts'
import { quoted, say } from './say.ts'
import { UNKNOWN } from './shell-words.ts'

/**
 * Where a written path lies: in which repo (or, outside any, on which machine) and under which name there. String work
 * only: the hub may run on another machine than the files.
 */
export interface Place {
  readonly area: string
  readonly path: string
  /** The disk takes names that differ in letter case only for one name. */
  readonly foldsCase?: boolean
}

export interface Surroundings {
  readonly machine: string
  readonly repo?: string
  readonly worktree?: string
  readonly cwd?: string
}

export type Placed = { readonly ok: true; readonly place: Place } | { readonly ok: false; readonly message: string }

/**
 * Relative paths are relative to the top of the caller's worktree. Absolute ones are brought into the repo of the
 * innermost known worktree on that machine that they lie in, so that a claim means the same from every worktree; of two
 * words about one worktree the first of `worktrees` counts. Names are compared composed (NFC): some disks give them so,
 * others taken apart.
 */
export function placeOf(written: string, from: Surroundings, worktrees: readonly Surroundings[]): Placed {
  const path = comparable(written, from.worktree ?? from.cwd)
  if (!isAbsolute(path) && from.repo !== undefined) return inside(from.repo, path)
  if (!isAbsolute(path) && from.cwd === undefined) {
    return {
      ok: false,
      message: say`expected an absolute path, because the caller is in no repo; got ${quoted(written)}`.text,
    }
  }
  const absolute = isAbsolute(path) ? path : `${comparable(from.cwd!)}/${path}`
  const known = [...worktrees, from].filter(each => each.machine === from.machine && each.repo !== undefined)
  const home = holderOf(absolute, topsOf(known))
  return home
    ? inside(home.at.repo!, absolute.slice(home.top.length + 1) || '**')
    : inside(`machine:${from.machine}`, absolute)
}

/** Says in which of these worktrees a folder lies, by its top folder. */
export function worktreeFinder(
  worktrees: readonly Pick<Surroundings, 'worktree'>[],
): (folder: string) => string | undefined {
  const tops = topsOf(worktrees)
  return folder => holderOf(comparable(folder), tops)?.at.worktree
}

/** A backslash is a sign of a name like any other, but where folders have a drive. `beside`: a folder of that machine. */
function comparable(path: string, beside = path): string {
  return withSlashes(path, beside).normalize('NFC')
}

function withSlashes(path: string, beside: string): string {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(beside) ? path.replaceAll('\\', '/') : path
}

/** By the top folder, without a slash at its end; of several with one top the first. */
function topsOf<T extends Pick<Surroundings, 'worktree'>>(worktrees: readonly T[]): ReadonlyMap<string, T> {
  const tops = new Map<string, T>()
  for (const each of worktrees) {
    if (each.worktree === undefined) continue
    const written = comparable(each.worktree)
    let end = written.length
    while (written[end - 1] === '/') end--
    const top = written.slice(0, end)
    if (!tops.has(top)) tops.set(top, each)
  }
  return tops
}

/** The innermost: worktrees may lie within each other. From the path upwards, so that their number costs nothing. */
function holderOf<T>(path: string, tops: ReadonlyMap<string, T>): { at: T; top: string } | undefined {
  for (let end = path.length; end >= 0; end = path.lastIndexOf('/', end - 1)) {
    const top = path.slice(0, end)
    const at = tops.get(top)
    if (at !== undefined) return { at, top }
    if (end === 0) return undefined
  }
  return undefined
}

/**
 * Where a shell that is in this folder gets to with the next one; undefined where only the shell could tell, or where the
 * path is longer than that of any worktree. The folder is one that this gave before.
 */
export function folderFrom(folder: string | undefined, to: string): string | undefined {
  if (to.includes(UNKNOWN)) return undefined
  const path = withSlashes(to, folder ?? to)
  const [root = ''] = /^([A-Za-z]:)?\//.exec(path) ?? []
  if (root === '' && folder === undefined) return undefined
  let reached = root === '' ? folder! : root.slice(0, -1)
  for (const part of path.slice(root.length).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') reached = reached.slice(0, Math.max(0, reached.lastIndexOf('/')))
    else reached = `${reached === '/' ? '' : reached}/${part}`
    if (reached.length > LIMITS.pathChars) return undefined
  }
  return reached === '' ? '/' : reached
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path)
}

function inside(area: string, path: string): Placed {
  const root = path.startsWith('/') ? '/' : ''
  const { parts, leadsOut } = partsOf(path)
  if (leadsOut) return { ok: false, message: say`${quoted(path)} leads out of ${area}`.text }
  // A slash at the end says that this is a folder, where the name alone would say that it is a file.
  if (parts.length === 0 || (path.endsWith('/') && looksLikeFile(parts.at(-1)!))) parts.push('**')
  return { ok: true, place: { area, path: root + parts.join('/') } }
}

function partsOf(path: string): { parts: string[]; leadsOut: boolean } {
  const parts: string[] = []
  let leadsOut = false
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) leadsOut = true
  }
  return { parts, leadsOut }
}
