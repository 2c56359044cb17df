import { alternativesOf, countAlternatives, hasBraces, hasEmptyAlternative } from './braces.ts'
import { LIMITS } from './limits.ts'
import { Steps } from './steps.ts'

/**
 * Which claimed and owned paths meet. `*`, `**`, `?` and `{a,b}` are wild; brackets and parentheses are plain
 * characters, because they are common in the names of routes (`app/[id]/page.tsx`) and rare in claims.
 *
 * A claim covers what it names and, where that is a folder, all that lies beneath. Nobody here can look at the disk, so
 * the name must say which it is: one that looks like a file has something beneath it only where the other claim writes
 * it as a folder. So all `.md` files are free beside a claimed `y.ts`, and `conf.d/a.md` is not beside `conf.d`. For
 * people, with the limits: docs/claims.md.
 *
 * Two globs of 672 characters took 26 s once, so matching has a budget of steps. Where it is used up the paths meet: a
 * claim is refused or asked about, not let pass.
 */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path) || hasBraces(path)
}

/** What is wrong with a path that is to be claimed or owned; undefined where nothing is. */
export function globFault(path: string): string | undefined {
  const { globAlternatives, globWildcards, pathChars } = LIMITS
  // Refused for its length, and not to be looked at any further.
  if (path.length > pathChars) return undefined
  const alternatives = countAlternatives(path)
  if (alternatives > globAlternatives) {
    return `expected at most ${globAlternatives} alternatives in braces, got ${Number.isSafeInteger(alternatives) ? alternatives : 'more'}`
  }
  const wildcards = path.match(/\*+|\?/g)?.length ?? 0
  if (wildcards > globWildcards) return `expected at most ${globWildcards} wildcards (* and ?), got ${wildcards}`
  return hasEmptyAlternative(path) ? 'expected a path in each alternative, got an empty one' : undefined
}

/** Whether some file could lie on both. Either side may be a plain path or a glob. */
export function pathsMeet(a: string, b: string, steps = new Steps(LIMITS.matchSteps)): boolean {
  if (a === b) return true
  const [ones, others] = [patternsOf(a, steps), patternsOf(b, steps)]
  return ones.some(one => others.some(other => walk(one, other, { rightIsFile: false }, steps)))
}

/** Whether a claim covers this file: one that is being edited, so that nothing lies beneath it, and nothing in its name is wild. */
export function covers(claim: string, file: string, steps = new Steps(LIMITS.matchSteps)): boolean {
  const right = patternOf(file, false)
  // The braces may be of the name itself, too: there are files that are called `a{b,c}.ts`.
  const itself = file.includes('{') && hasBraces(claim) ? [patternOf(claim, true)] : []
  return [...itself, ...patternsOf(claim, steps)].some(one => walk(one, right, { rightIsFile: true }, steps))
}

/** The plain names that a path's alternatives begin with; undefined where one begins with a wildcard and so with any. */
export function firstNames(path: string, steps: Steps): readonly string[] | undefined {
  const patterns = patternsOf(path, steps)
  return patterns.some(({ isWild }) => isWild[0]) ? undefined : patterns.map(({ segments }) => segments[0] ?? '')
}

/** Common files without an extension; no folder is called so. */
const FILES = new Set([
  ...'Makefile Dockerfile Justfile Procfile Gemfile Rakefile Jenkinsfile'.split(' '),
  ...'README LICENSE COPYING NOTICE CHANGELOG CODEOWNERS'.split(' '),
  ...'.env .gitignore .gitattributes .gitmodules .dockerignore .editorconfig .npmrc'.split(' '),
])

/** A path without braces, cut into its names. */
interface Pattern {
  readonly segments: readonly string[]
  readonly isWild: readonly boolean[]
  /** From here on there is nothing but `**`. */
  readonly starsFrom: number
  readonly lastIsFile: boolean
}

const EVERYTHING: readonly Pattern[] = [patternOf('**', true)]

/** The same few paths are compared again and again. The oldest go first. */
const known = new Map<string, readonly Pattern[]>()
const MAX_KNOWN_CHARS = 1024 * 1024
let knownChars = 0

/** One that stands for too many, or for more than there are steps left to make, meets everything. */
function patternsOf(path: string, steps: Steps): readonly Pattern[] {
  const found = known.get(path)
  if (found !== undefined) return found
  if (!steps.take(path.length)) return EVERYTHING
  const alternatives = countAlternatives(path)
  if (alternatives > LIMITS.globAlternatives || !steps.take(path.length * alternatives)) return EVERYTHING
  const patterns = alternativesOf(path).map(each => patternOf(each, true))
  known.set(path, patterns)
  knownChars += path.length * (1 + patterns.length)
  for (const [oldest, its] of known) {
    if (knownChars <= MAX_KNOWN_CHARS) break
    known.delete(oldest)
    knownChars -= oldest.length * (1 + its.length)
  }
  return patterns
}

/** A trailing slash says that it is a folder. */
function patternOf(path: string, mayBeWild: boolean): Pattern {
  const segments = (path.endsWith('/') ? `${path}**` : path).split('/').filter((name, at) => name !== '' || at === 0)
  let starsFrom = segments.length
  while (mayBeWild && starsFrom > 0 && segments[starsFrom - 1] === '**') starsFrom--
  return {
    segments,
    isWild: segments.map(name => mayBeWild && /[*?]/.test(name)),
    starsFrom,
    lastIsFile: looksLikeFile(segments.at(-1)!),
  }
}

/**
 * Whether two patterns have a path in common. No glob library offers intersection, so this walks both at once: `**`
 * stands for any number of segments, and what is left over on one side lies beneath the other.
 */
function walk(a: Pattern, b: Pattern, { rightIsFile }: { rightIsFile: boolean }, steps: Steps): boolean {
  const failed = new Set<number>()
  // `isPaired`: the last segments stood for each other, and neither was swallowed by the other's `**`.
  const meet = (i: number, j: number, isPaired: boolean): boolean => {
    if (!steps.take()) return true
    if (i === a.segments.length || j === b.segments.length) return endsMeet(i, j, isPaired)
    const at = i * (b.segments.length + 1) + j
    if (failed.has(at)) return false
    const result = isAnyFolder(a, i)
      ? meet(i + 1, j, false) || meet(i, j + 1, false)
      : isAnyFolder(b, j)
        ? meet(i, j + 1, false) || meet(i + 1, j, false)
        : namesMeet(a, i, b, j, steps) && meet(i + 1, j + 1, true)
    if (!result) failed.add(at)
    return result
  }
  const endsMeet = (i: number, j: number, isPaired: boolean): boolean => {
    if (i === a.segments.length) return j === b.segments.length || mayGoOn(a, b, j, isPaired)
    return rightIsFile ? hasHadItsShare(a, i, isPaired) : mayGoOn(b, a, i, isPaired)
  }
  return meet(0, 0, false)
}

function isAnyFolder({ segments, isWild }: Pattern, at: number): boolean {
  return segments[at] === '**' && isWild[at]!
}

/** One claim ends: whether what is left of the other one may lie beneath it. */
function mayGoOn(ended: Pattern, other: Pattern, from: number, isPaired: boolean): boolean {
  if (!ended.lastIsFile || hasHadItsShare(other, from, isPaired)) return true
  const written = isPaired ? other.segments[from - 1] : undefined
  return written !== undefined && (!other.isWild[from - 1] || looksLikeFile(written))
}

/** Whether all that is left is the `**` that stood for the last segment; one that stands for none means a folder. */
function hasHadItsShare({ starsFrom }: Pattern, from: number, isPaired: boolean): boolean {
  return !isPaired && starsFrom <= from
}

/**
 * Whether a last name, plain or wild, stands for files: it ends in an extension. An extension begins with a lower-case
 * letter or is one capital (`x.R`), so that `v1.2`, `.github` and `Acme.Web` may be folders; folders that do look like
 * files (`conf.d`, `next.js`) are written with a slash at their end.
 */
export function looksLikeFile(name: string): boolean {
  return /.\.([a-z*?][\w*?-]*|[A-Z])$/.test(name) || FILES.has(name)
}

/** Whether two names have one in common: a wild one's `*` stands for any run of characters, its `?` for one. */
function namesMeet(one: Pattern, i: number, other: Pattern, j: number, steps: Steps): boolean {
  const [a, b, aIsWild, bIsWild] = [one.segments[i]!, other.segments[j]!, one.isWild[i]!, other.isWild[j]!]
  if (!aIsWild && !bIsWild) return a === b
  if (areOther(a[0]!, b[0]!) || areOther(a.at(-1)!, b.at(-1)!)) return false
  if (!steps.take(a.length + b.length)) return true
  const left = tokensOf(a, aIsWild)
  const right = tokensOf(b, bIsWild)
  // reachable[j]: what of `left` is behind us and the first j of `right` have a text in common.
  let reachable = new Uint8Array(right.length + 1)
  let next = new Uint8Array(right.length + 1)
  reachable[0] = 1
  for (let j = 1; j <= right.length && right[j - 1] === ANY; j++) reachable[j] = 1
  for (const token of left) {
    if (!steps.take(right.length + 1)) return true
    next[0] = token === ANY ? reachable[0]! : 0
    let isAlive = next[0]
    for (let j = 1; j <= right.length; j++) {
      const other = right[j - 1]!
      if (token === ANY || other === ANY) next[j] = reachable[j]! | next[j - 1]!
      else next[j] = token === other || token === ONE || other === ONE ? reachable[j - 1]! : 0
      isAlive |= next[j]!
    }
    if (isAlive === 0) return false
    const last = reachable
    reachable = next
    next = last
  }
  return reachable[right.length] === 1
}

/** Half of what is compared ends here, before anything is made of it. */
function areOther(a: string, b: string): boolean {
  return a !== b && !/[*?]/.test(a + b)
}

const ANY = -1
const ONE = -2

function tokensOf(name: string, isWild: boolean): number[] {
  const tokens: number[] = []
  for (const char of name) {
    if (isWild && char === '?') tokens.push(ONE)
    else if (!isWild || char !== '*') tokens.push(char.codePointAt(0)!)
    else if (tokens.at(-1) !== ANY) tokens.push(ANY)
  }
  return tokens
}
