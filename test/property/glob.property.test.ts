import { expand } from 'brace-expansion'
import fc from 'fast-check'
import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { alternativesOf, countAlternatives, hasEmptyAlternative } from '../../src/bus/braces.ts'
import { covers, isGlob, looksLikeFile, pathsMeet } from '../../src/bus/glob.ts'
import { LIMITS } from '../../src/bus/limits.ts'
import { cases } from '../tier.ts'

// Few letters and short names, so that paths and globs meet about as often as not.
const letters = fc.constantFrom('a', 'b', 'ab', '.', 'a.b', '[a]', '(b)', '+')
const word = fc.array(letters, { minLength: 1, maxLength: 2 }).map(parts => parts.join(''))
const name = word.filter(each => each !== '.' && each !== '..')
const wildName = fc.oneof(
  { weight: 3, arbitrary: name },
  fc
    .array(fc.oneof(letters, fc.constantFrom('*', '?', '{a,b}')), { minLength: 1, maxLength: 3 })
    .map(parts => parts.join(''))
    // Places have no `.` and `..`; two stars inside a name (`**a`) mean nothing that libraries agree on.
    .filter(each => each !== '.' && each !== '..' && !each.includes('**')),
  { weight: 2, arbitrary: fc.constantFrom('*', '**') },
)
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'))
const glob = fc
  .array(wildName, { minLength: 1, maxLength: 4 })
  .map(parts => parts.join('/'))
  // More are refused where a path comes in, and would count as everything.
  .filter(each => countAlternatives(each) <= LIMITS.globAlternatives)
const either = fc.oneof(path, glob)
/** A file in folders whose names do not look like files. */
const ordinaryFolder = name.filter(each => !looksLikeFile(each))
const ordinaryFile = fc
  .tuple(fc.array(ordinaryFolder, { maxLength: 3 }), name)
  .map(([folders, last]) => [...folders, last].join('/'))

// With something beneath: to picomatch `a/**` is `a` itself too, but `*/**` is no `a`.
const matcher = (patterns: string[]) =>
  picomatch(
    patterns.map(pattern => pattern.replace(/(\/\*\*)+$/, '/**/*').replace(/[[\]()!+@\\]/g, '\\$&')),
    { dot: true },
  )

/** What a claim covers, by the library that stands for the truth: the path or glob, and all that lies beneath. */
function holds(claim: string, file: string): boolean {
  if (!isGlob(claim)) return file === claim || file.startsWith(`${claim}/`)
  return matcher([claim, `${claim}/**`])(file)
}

/** The same as a matcher, where a name that looks like a file has nothing beneath it. */
function ordinaryMatcher(claim: string): (file: string) => boolean {
  const matchers = (isGlob(claim) ? expand(claim) : [claim]).map(one =>
    matcher(looksLikeFile(one.split('/').at(-1)!) ? [one] : [one, `${one}/**`]),
  )
  return file => matchers.some(matches => matches(file))
}

test('braces stand for the paths that brace-expansion says they do', () => {
  const { braced } = fc.letrec<{ braced: string; group: string }>(tie => ({
    braced: fc
      .array(fc.oneof({ depthSize: 'small' }, fc.constantFrom('a', 'b', 'cd', '/', '*'), tie('group')), {
        maxLength: 4,
      })
      .map(parts => parts.join('')),
    group: fc.array(tie('braced'), { minLength: 2, maxLength: 3 }).map(parts => `{${parts.join(',')}}`),
  }))
  fc.assert(
    fc.property(braced, path => {
      fc.pre(countAlternatives(path) <= 1_000)
      const paths = alternativesOf(path)
      expect(paths).toHaveLength(countAlternatives(path))
      expect(hasEmptyAlternative(path)).toBe(paths.includes(''))
      // It drops an empty path.
      expect(paths.filter(each => each !== '')).toEqual(expand(path))
    }),
    cases(1_500),
  )
})

test('a brace without its partner, and a pair without a comma, are plain characters', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's.
  for (const path of ['{a', 'a}', '{a}', '{{a}', '{a,{b}', 'a{b}c}', '}{', '${x}', '{1..3}'])
    expect(alternativesOf(path)).toEqual([path])
  expect(alternativesOf('{{a,b}')).toEqual(['{a', '{b'])
  expect(alternativesOf('{a,b}}')).toEqual(['a}', 'b}'])
})

test('that two paths meet does not depend on which is asked first', () => {
  fc.assert(
    fc.property(either, either, (a, b) => pathsMeet(a, b) === pathsMeet(b, a)),
    cases(2_000),
  )
})

test('every path and glob meets itself', () => {
  fc.assert(
    fc.property(either, each => pathsMeet(each, each)),
    cases(1_000),
  )
})

test('a claim covers just the files that picomatch says it does', () => {
  fc.assert(
    fc.property(either, path, (claim, file) => covers(claim, file) === holds(claim, file)),
    cases(2_000),
  )
})

test('a claim meets every file that it covers, whatever the folders are called', () => {
  fc.assert(
    fc.property(either, path, (claim, file) => {
      if (holds(claim, file)) expect(pathsMeet(claim, file)).toBe(true)
    }),
    cases(2_000),
  )
})

test('a path meets whatever is written beneath it, also where it looks like a file', () => {
  fc.assert(
    fc.property(path, either, (folder, rest) => pathsMeet(folder, `${folder}/${rest}`)),
    cases(2_000),
  )
})

test('a glob meets a folder that holds something it covers', () => {
  fc.assert(
    fc.property(glob, path, fc.array(path, { minLength: 1, maxLength: 20 }), (claim, path, files) => {
      // One that looks like a file must say that it is a folder.
      const folder = looksLikeFile(path.split('/').at(-1)!) ? `${path}/` : path
      const isMet = files.some(file => holds(claim, `${path}/${file}`))
      if (isMet) expect(pathsMeet(claim, folder)).toBe(true)
    }),
    { ...cases(1_500), examples: [['{a,b}*/*', 'a', ['a']]] },
  )
})

test('no file that two globs cover is missed', () => {
  fc.assert(
    fc.property(either, either, fc.array(ordinaryFile, { minLength: 1, maxLength: 30 }), (a, b, files) => {
      const [inA, inB] = [ordinaryMatcher(a), ordinaryMatcher(b)]
      for (const file of files) if (inA(file) && inB(file)) expect(pathsMeet(a, b)).toBe(true)
    }),
    cases(1_500),
  )
})

test('globs made from one file by wildcards meet on it', () => {
  const wildcard = fc.constantFrom('*', '?', '**', 'same')
  const choices = fc.array(wildcard, { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(ordinaryFile, choices, choices, (file, one, other) => {
      const [a, b] = [widened(file, one), widened(file, other)]
      if (ordinaryMatcher(a)(file) && ordinaryMatcher(b)(file)) expect(pathsMeet(a, b)).toBe(true)
    }),
    cases(2_000),
  )
})

/** A world small enough to look at every file in it: then two claims that meet must have one of them in common. */
test('in a small world two claims meet just where both cover a file', () => {
  const folders = ['a', 'b', '.a']
  const names = [...folders, 'a.t', 'b.t', 'a.m']
  let above = ['']
  const files: string[] = []
  for (let depth = 0; depth < 5; depth++) {
    files.push(...above.flatMap(folder => names.map(each => folder + each)))
    above = above.flatMap(folder => folders.map(each => `${folder}${each}/`))
  }
  const folder = fc.constantFrom('a', 'b', '.a', '*', '**', '?', 'a*', '{a,b}')
  const last = fc.oneof(folder, fc.constantFrom('a.t', 'b.t', 'a.m', '*.t', '*.m', 'a.*', '*.{t,m}', '?.t'))
  const claim = fc.tuple(fc.array(folder, { maxLength: 2 }), last).map(([before, end]) => [...before, end].join('/'))
  fc.assert(
    fc.property(claim, claim, (a, b) => {
      const [inA, inB] = [ordinaryMatcher(a), ordinaryMatcher(b)]
      const common = files.find(file => inA(file) && inB(file))
      expect({ a, b, meet: pathsMeet(a, b), common }).toMatchObject({ meet: common !== undefined })
    }),
    cases(1_000),
  )
})

/** The file's path with some of its names made wild. */
function widened(file: string, wildcards: readonly string[]): string {
  return file
    .split('/')
    .map((part, i) => {
      if (wildcards[i] === 'same') return part
      return wildcards[i] === '?' ? '?'.repeat(part.length) : wildcards[i]!
    })
    .join('/')
}
