import { looksLikeFile } from './glob.ts'
import { say } from './say.ts'

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
  const path = comparable(written)
  if (!isAbsolute(path) && from.repo !== undefined) return inside(from.repo, path)
  if (!isAbsolute(path) && from.cwd === undefined) {
    return {
      ok: false,
      message: say`expected an absolute path, because the caller is in no repo; got \`${written}\``.text,
    }
  }
  const absolute = isAbsolute(path) ? path : `${comparable(from.cwd!)}/${path}`
  const known = [...worktrees, from].filter(each => each.machine === from.machine && each.repo !== undefined)
  const home = holderOf(absolute, known)
  return home
    ? inside(home.at.repo!, absolute.slice(home.top.length + 1) || '**')
    : inside(`machine:${from.machine}`, absolute)
}

/** The worktree among these that a folder lies in, by its top folder. */
export function worktreeOf(folder: string, worktrees: readonly Pick<Surroundings, 'worktree'>[]): string | undefined {
  return holderOf(comparable(folder), worktrees)?.at.worktree
}

function comparable(path: string): string {
  return path.replaceAll('\\', '/').normalize('NFC')
}

/** The innermost: worktrees may lie within each other. */
function holderOf<T extends Pick<Surroundings, 'worktree'>>(
  path: string,
  worktrees: readonly T[],
): { at: T; top: string } | undefined {
  return worktrees
    .filter(each => each.worktree !== undefined)
    .map(at => ({ at, top: comparable(at.worktree!).replace(/\/+$/, '') }))
    .filter(({ top }) => path === top || path.startsWith(`${top}/`))
    .sort((a, b) => b.top.length - a.top.length)[0]
}

/** Where a shell that is in this folder gets to with the next one; undefined where only the shell could tell. */
export function folderFrom(folder: string | undefined, to: string, home: string | undefined): string | undefined {
  if (/[$`*?{]/.test(to)) return undefined
  if (/^~(\/|$)/.test(to)) return home === undefined ? undefined : normalised(`${home}/${to.slice(1)}`)
  if (to.startsWith('~')) return undefined
  if (isAbsolute(to)) return normalised(to)
  return folder === undefined ? undefined : normalised(`${folder}/${to}`)
}

function normalised(path: string): string {
  const plain = path.replaceAll('\\', '/')
  return (plain.startsWith('/') ? '/' : '') + partsOf(plain).parts.join('/')
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path)
}

function inside(area: string, path: string): Placed {
  const root = path.startsWith('/') ? '/' : ''
  const { parts, leadsOut } = partsOf(path)
  if (leadsOut) return { ok: false, message: say`\`${path}\` leads out of ${area}`.text }
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
