import { looksLikeFile } from './glob.ts'

/**
 * Where a written path lies: in which repo (or, outside any, on which machine) and under which name there. String work
 * only: the hub may run on another machine than the files.
 */
export interface Place {
  readonly area: string
  readonly path: string
}

export interface Surroundings {
  readonly machine: string
  readonly repo?: string
  readonly worktree?: string
  readonly cwd?: string
}

export type Placed = { readonly ok: true; readonly place: Place } | { readonly ok: false; readonly message: string }

/**
 * Relative paths are relative to the top of the caller's worktree. Absolute ones are brought into the repo of whichever
 * known worktree on that machine they lie in, so that a claim means the same from every worktree.
 */
export function placeOf(written: string, from: Surroundings, worktrees: readonly Surroundings[]): Placed {
  const path = written.replaceAll('\\', '/')
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:\//.test(path)
  if (!isAbsolute && from.repo !== undefined) return inside(from.repo, path)
  if (!isAbsolute && from.cwd === undefined) {
    return { ok: false, message: `expected an absolute path, because the caller is in no repo; got \`${written}\`` }
  }
  const absolute = isAbsolute ? path : `${from.cwd!.replaceAll('\\', '/')}/${path}`
  const home = [from, ...worktrees]
    .filter(each => each.machine === from.machine && each.repo !== undefined && each.worktree !== undefined)
    .map(each => ({ repo: each.repo!, top: each.worktree!.replaceAll('\\', '/').replace(/\/+$/, '') }))
    .filter(({ top }) => absolute === top || absolute.startsWith(`${top}/`))
    .sort((a, b) => b.top.length - a.top.length)[0]
  return home
    ? inside(home.repo, absolute.slice(home.top.length + 1) || '**')
    : inside(`machine:${from.machine}`, absolute)
}

function inside(area: string, path: string): Placed {
  const root = path.startsWith('/') ? '/' : ''
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return { ok: false, message: `\`${path}\` leads out of ${area}` }
  }
  // A slash at the end says that this is a folder, where the name alone would say that it is a file.
  if (parts.length === 0 || (path.endsWith('/') && looksLikeFile(parts.at(-1)!))) parts.push('**')
  return { ok: true, place: { area, path: root + parts.join('/') } }
}
