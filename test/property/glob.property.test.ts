import fc from 'fast-check'
import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { isGlob, pathsMeet } from '../../src/bus/glob.ts'
import { settings } from './settings.ts'

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
const glob = fc.array(wildName, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'))
const either = fc.oneof(path, glob)

/** What a claim covers, by the library that stands for the truth: the path or glob, and all that lies beneath. */
function covers(claim: string, file: string): boolean {
  if (!isGlob(claim)) return file === claim || file.startsWith(`${claim}/`)
  const pattern = claim.replace(/[[\]()!+@\\]/g, '\\$&')
  return picomatch([pattern, `${pattern}/**`], { dot: true })(file)
}

test('that two paths meet does not depend on which is asked first', () => {
  fc.assert(
    fc.property(either, either, (a, b) => pathsMeet(a, b) === pathsMeet(b, a)),
    settings(5_000),
  )
})

test('every path and glob meets itself', () => {
  fc.assert(
    fc.property(either, each => pathsMeet(each, each)),
    settings(1_000),
  )
})

test('a glob meets a file if picomatch says that it covers it', () => {
  fc.assert(
    fc.property(glob, path, (claim, file) => {
      if (covers(claim, file)) expect(pathsMeet(claim, file)).toBe(true)
    }),
    settings(5_000),
  )
})

test('a glob meets a folder that holds something it covers', () => {
  fc.assert(
    fc.property(glob, path, fc.array(path, { minLength: 1, maxLength: 20 }), (claim, folder, files) => {
      const isMet = files.some(file => covers(claim, `${folder}/${file}`))
      if (isMet) expect(pathsMeet(claim, folder)).toBe(true)
    }),
    { ...settings(3_000), examples: [['{a,b}*/*', 'a', ['a']]] },
  )
})

test('no file that two globs cover is missed', () => {
  fc.assert(
    fc.property(either, either, fc.array(path, { minLength: 1, maxLength: 30 }), (a, b, files) => {
      for (const file of files) if (covers(a, file) && covers(b, file)) expect(pathsMeet(a, b)).toBe(true)
    }),
    settings(3_000),
  )
})

test('globs made from one file by wildcards meet on it', () => {
  const wildcard = fc.constantFrom('*', '?', '**', 'same')
  const choices = fc.array(wildcard, { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(path, choices, choices, (file, one, other) => {
      const [a, b] = [widened(file, one), widened(file, other)]
      if (covers(a, file) && covers(b, file)) expect(pathsMeet(a, b)).toBe(true)
    }),
    settings(5_000),
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
