import { expand } from 'brace-expansion'
import picomatch from 'picomatch'

/**
 * Which claimed and owned paths meet. A path covers what lies beneath it, so `src/bus` meets `src/bus/event.ts`.
 * `*`, `**`, `?` and `{a,b}` are wild; brackets and parentheses are plain characters, because they are common in the
 * names of routes (`app/[id]/page.tsx`) and rare in claims.
 */
export function isGlob(path: string): boolean {
  return /[*?]|\{[^{}]*,[^{}]*\}/.test(path)
}

/** Whether some file could lie on both. Either side may be a plain path or a glob. */
export function pathsMeet(a: string, b: string): boolean {
  if (a === b) return true
  const isGlobA = isGlob(a)
  const isGlobB = isGlob(b)
  if (!isGlobA && !isGlobB) return isBeneath(a, b) || isBeneath(b, a)
  if (!isGlobA) return globMeetsPath(b, a)
  if (!isGlobB) return globMeetsPath(a, b)
  return expand(a).some(one => expand(b).some(other => globsMeet(one.split('/'), other.split('/'))))
}

function isBeneath(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

function globMeetsPath(glob: string, path: string): boolean {
  const pattern = glob.replace(/[[\]()!+@\\]/g, '\\$&')
  const matches = picomatch([pattern, `${pattern}/**`], { dot: true, strictSlashes: false })
  if (matches(path)) return true
  // A glob also meets a folder that holds something it could match.
  return expand(glob).some(one => globsMeet(one.split('/'), [...path.split('/'), '**']))
}

/**
 * Whether two globs, cut into segments, have a path in common. No glob library offers intersection, so this walks both
 * at once: `**` stands for any number of segments, and what is left over on one side lies beneath the other.
 */
function globsMeet(a: readonly string[], b: readonly string[]): boolean {
  const known = new Map<number, boolean>()
  const meet = (i: number, j: number): boolean => {
    const left = a[i]
    const right = b[j]
    // One side is used up: the rest of the other lies beneath it.
    if (left === undefined || right === undefined) return true
    const at = i * (b.length + 1) + j
    const before = known.get(at)
    if (before !== undefined) return before
    let result: boolean
    if (left === '**') result = meet(i + 1, j) || meet(i, j + 1)
    else if (right === '**') result = meet(i, j + 1) || meet(i + 1, j)
    else result = segmentsMeet(left, right) && meet(i + 1, j + 1)
    known.set(at, result)
    return result
  }
  return meet(0, 0)
}

/** The same for one segment each: `*` stands for any run of characters, `?` for one. */
function segmentsMeet(a: string, b: string): boolean {
  // reachable[j]: the part of `a` seen so far and the first j characters of `b` have a string in common.
  let reachable = [true]
  for (const char of b) reachable.push(char === '*' && reachable.at(-1) === true)
  for (const char of a) {
    const next: boolean[] = [char === '*' && reachable[0] === true]
    for (let j = 1; j <= b.length; j++) {
      const other = b[j - 1]
      const isSame = char === other || char === '?' || other === '?'
      next[j] =
        char === '*' || other === '*'
          ? reachable[j] === true || next[j - 1] === true
          : isSame && reachable[j - 1] === true
    }
    reachable = next
  }
  return reachable[b.length] === true
}
