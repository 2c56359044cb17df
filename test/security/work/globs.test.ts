import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { covers, globFault, pathsMeet } from '../../../src/bus/glob.ts'
import { LIMITS } from '../../../src/bus/limits.ts'
import { Steps } from '../../../src/bus/steps.ts'
import { openMeter } from './meter.ts'

let meter: Awaited<ReturnType<typeof openMeter>>

beforeAll(async () => {
  meter = await openMeter()
})
afterAll(() => meter.close())

/** What a step is made of: matching one character takes about five blocks. */
const BLOCKS_PER_STEP = 12

const { pathChars, globWildcards } = LIMITS
const six = '{a,b}'.repeat(6)

/** As long and as wild as a path may be, each in another way; `end` makes two of a kind differ. */
const WORST: Readonly<Record<string, (end: string) => string>> = {
  'the longest plain name': end => `${'a'.repeat(pathChars - 1)}${end}`,
  'as many folders as fit': end => `${'a/'.repeat(pathChars / 2 - 1)}${end}`,
  'all alternatives of stars and letters': end => `${six}${'*a'.repeat(globWildcards - 2)}*${end}*`,
  'stars and letters as long as a path may be, which old stores may hold': end => `${six}${'*a'.repeat(480)}*${end}*`,
  'all alternatives of one long name': end => `${six}*${'a'.repeat(pathChars - 40)}${end}*`,
  'alternatives of whole paths': end => `{${Array.from({ length: 64 }, (_, n) => `*${n}/**/${end}`).join(',')}}`,
  'folders of any number, again and again': end => `${'**/a/'.repeat(globWildcards - 1)}${end}`,
  'folders of any number between many folders': end => `${'**/'.repeat(globWildcards - 1)}${'a/'.repeat(400)}${end}`,
  'wild folders beneath each other': end => `${'*a*/'.repeat(globWildcards / 2 - 1)}${end}`,
  'single characters': end => `${'?'.repeat(globWildcards)}${'a'.repeat(900)}${end}`,
  'alternatives within alternatives': end => `${'{a,'.repeat(60)}b${'}'.repeat(60)}*${end}`,
  'braces that are none': end => `${'{a}'.repeat(330)}*${end}`,
  'braces without a partner': end => `${'{a,'.repeat(330)}*${end}`,
  'more alternatives than may be': end => `${'{a,b}'.repeat(200)}${end}`,
  'nothing but commas': end => `{${','.repeat(pathChars - 4)}}${end}`,
}

const pairs = Object.keys(WORST).flatMap((one, i) =>
  Object.keys(WORST)
    .slice(i)
    .map(other => [one, other] as const),
)

describe('matching takes no more than its budget', () => {
  it.each(pairs)('of %s and %s', async (one, other) => {
    const [a, b] = [WORST[one]!('x'), WORST[other]!('y')]
    for (const ask of [pathsMeet, (left: string, right: string, steps: Steps) => covers(left, right, steps)]) {
      const steps = new Steps(LIMITS.matchSteps)
      const blocks = await meter.count(() => ask(a, b, steps))
      expect(steps.used).toBeLessThan(LIMITS.matchSteps + 64 * pathChars)
      expect(blocks).toBeLessThan(BLOCKS_PER_STEP * (steps.used + 2 * pathChars))
    }
  })

  it('and where that is used up the paths meet', () => {
    const [a, b] = [WORST['all alternatives of one long name']!('x'), WORST['all alternatives of one long name']!('y')]
    expect(pathsMeet(a, b)).toBe(true)
    expect(pathsMeet('src/a.ts', 'docs/b.md', new Steps(0))).toBe(true)
    expect(covers('src/a.ts', 'docs/b.md', new Steps(0))).toBe(true)
  })

  it('and is counted through all of one question', () => {
    const steps = new Steps(LIMITS.matchSteps)
    for (let n = 0; n < LIMITS.matchSteps; n++) pathsMeet('src/a.ts', 'docs/b.md', steps)
    expect(steps.areUsedUp).toBe(true)
  })
})

describe('what may be claimed', () => {
  it('is judged by reading it once', async () => {
    for (const path of Object.values(WORST)) {
      const blocks = await meter.count(() => globFault(path('x')))
      expect(blocks).toBeLessThan(BLOCKS_PER_STEP * 64 * pathChars)
    }
  })

  it.each([
    ['src/**/*.{ts,tsx}', undefined],
    [`${'*a'.repeat(globWildcards)}`, undefined],
    [`${'*a'.repeat(globWildcards)}?`, 'expected at most 32 wildcards (* and ?), got 33'],
    [six, undefined],
    [`${six}{a,b}`, 'expected at most 64 alternatives in braces, got 128'],
    ['{a,b}'.repeat(200), 'expected at most 64 alternatives in braces, got more'],
    ['{,a}', 'expected a path in each alternative, got an empty one'],
    ['{,}', 'expected a path in each alternative, got an empty one'],
    ['src/a{,.test}.ts', undefined],
  ])('%s: %s', (path, fault) => {
    expect(globFault(path)).toBe(fault)
  })
})
