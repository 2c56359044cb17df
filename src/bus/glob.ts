import { expand } from 'brace-expansion'

/**
 * Which claimed and owned paths meet. `*`, `**`, `?` and `{a,b}` are wild; brackets and parentheses are plain
 * characters, because they are common in the names of routes (`app/[id]/page.tsx`) and rare in claims.
 *
 * A claim covers what it names and, where that is a folder, all that lies beneath. Nobody here can look at the disk, so
 * the name must say which it is: one that looks like a file has something beneath it only where the other claim writes
 * it as a folder. So all `.md` files are free beside a claimed `y.ts`, and `conf.d/a.md` is not beside `conf.d`. For
 * people, with the limits: docs/claims.md.
 */
export function isGlob(path: string): boolean {
  return /[*?]|\{[^{}]*,[^{}]*\}/.test(path)
}

/**
 * What braces may stand for at the most. Each alternative of one claim is held against each of another, so their number
 * grows fourfold with each pair of groups: nine `{a,b}` on either side took 0.4 s, and the hub does nothing else then.
 */
export const MAX_ALTERNATIVES = 64

export function hasTooManyAlternatives(path: string): boolean {
  return isGlob(path) && expand(path, { max: MAX_ALTERNATIVES + 1 }).length > MAX_ALTERNATIVES
}

/** Whether some file could lie on both. Either side may be a plain path or a glob. */
export function pathsMeet(a: string, b: string): boolean {
  if (a === b) return true
  return segmentsOf(a).some(one => segmentsOf(b).some(other => walk(one, other, { rightIsFile: false })))
}

/** Whether a claim covers this file: one that is being edited, so that nothing lies beneath it. */
export function covers(claim: string, file: string): boolean {
  return segmentsOf(claim).some(one => walk(one, file.split('/'), { rightIsFile: true }))
}

/** A trailing slash says that it is a folder. */
function segmentsOf(path: string): string[][] {
  const written = path.endsWith('/') ? `${path}**` : path
  return (isGlob(written) ? expand(written, { max: MAX_ALTERNATIVES }) : [written]).map(each => each.split('/'))
}

/**
 * Whether two globs, cut into segments, have a path in common. No glob library offers intersection, so this walks both
 * at once: `**` stands for any number of segments, and what is left over on one side lies beneath the other.
 */
function walk(a: readonly string[], b: readonly string[], { rightIsFile }: { rightIsFile: boolean }): boolean {
  const known = new Map<number, boolean>()
  // `isPaired`: the last segments stood for each other, and neither was swallowed by the other's `**`.
  const meet = (i: number, j: number, isPaired: boolean): boolean => {
    const left = a[i]
    const right = b[j]
    if (left === undefined || right === undefined) {
      if (left === right) return true
      if (left === undefined) return mayGoOn(a.at(-1)!, b, j, isPaired)
      return rightIsFile ? hasHadItsShare(a, i, isPaired) : mayGoOn(b.at(-1)!, a, i, isPaired)
    }
    const at = i * (b.length + 1) + j
    const before = known.get(at)
    if (before !== undefined) return before
    let result: boolean
    if (left === '**') result = meet(i + 1, j, false) || meet(i, j + 1, false)
    else if (right === '**') result = meet(i, j + 1, false) || meet(i + 1, j, false)
    else result = segmentsMeet(left, right) && meet(i + 1, j + 1, true)
    known.set(at, result)
    return result
  }
  return meet(0, 0, false)
}

/** One claim ends with this name: whether what is left of the other one may lie beneath it. */
function mayGoOn(last: string, other: readonly string[], from: number, isPaired: boolean): boolean {
  if (!looksLikeFile(last) || hasHadItsShare(other, from, isPaired)) return true
  const written = isPaired ? other[from - 1] : undefined
  return written !== undefined && (!isGlob(written) || looksLikeFile(written))
}

/** Whether all that is left is the `**` that stood for the last segment; one that stands for none means a folder. */
function hasHadItsShare(segments: readonly string[], from: number, isPaired: boolean): boolean {
  return !isPaired && segments.slice(from).every(each => each === '**')
}

/** Common files without an extension; no folder is called so. */
const FILES = new Set([
  ...'Makefile Dockerfile Justfile Procfile Gemfile Rakefile Jenkinsfile'.split(' '),
  ...'README LICENSE COPYING NOTICE CHANGELOG CODEOWNERS'.split(' '),
  ...'.env .gitignore .gitattributes .gitmodules .dockerignore .editorconfig .npmrc'.split(' '),
])

/**
 * Whether a last name, plain or wild, stands for files: it ends in an extension. An extension begins with a lower-case
 * letter or is one capital (`x.R`), so that `v1.2`, `.github` and `Acme.Web` may be folders; folders that do look like
 * files (`conf.d`, `next.js`) are written with a slash at their end.
 */
export function looksLikeFile(name: string): boolean {
  return /.\.([a-z*?][\w*?-]*|[A-Z])$/.test(name) || FILES.has(name)
}

/** Whether two segments have a name in common: `*` stands for any run of characters, `?` for one. */
function segmentsMeet(a: string, b: string): boolean {
  // By code points on both sides: an emoji is one character for `?`, and two units of a string.
  const others = [...b]
  // reachable[j]: the part of `a` seen so far and the first j characters of `b` have a string in common.
  let reachable = [true]
  for (const char of others) reachable.push(char === '*' && reachable.at(-1) === true)
  for (const char of a) {
    const next: boolean[] = [char === '*' && reachable[0] === true]
    for (let j = 1; j <= others.length; j++) {
      const other = others[j - 1]
      const isSame = char === other || char === '?' || other === '?'
      next[j] =
        char === '*' || other === '*'
          ? reachable[j] === true || next[j - 1] === true
          : isSame && reachable[j - 1] === true
    }
    reachable = next
  }
  return reachable[others.length] === true
}
