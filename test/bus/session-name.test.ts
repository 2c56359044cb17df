import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawCodename, looksLikeCodename } from '../../src/bus/codename.ts'
import { cleanName, defaultName, firstFree, nameByTitle, otherMeaning, plainName } from '../../src/bus/session-name.ts'
import { skeletonOf } from '../../src/bus/skeleton.ts'
import { cases } from '../tier.ts'

/** Texts of which some are names of somebody else, as somebody writes who wants to be taken for them. */
const disguised = fc
  .tuple(
    fc.constantFrom('operator', 'all', 'system', 'switchboard', 'me', 'repo', 'machine', 'role', 'topic', 'session'),
    fc.infiniteStream(fc.nat()),
  )
  .map(([word, choices]) =>
    Array.from(word, letter => {
      const forms = FORMS[letter] ?? [letter]
      return forms[(choices.next().value as number) % forms.length]
    }).join(''),
  )

const FORMS: Readonly<Record<string, readonly string[]>> = {
  a: ['a', 'A', 'а', 'А', 'Α', 'α', 'ａ', '𝐚', 'à', 'ạ', 'a\u0301', '4', 'ᴀ', 'Ⓐ', '🅰', 'ɑ'],
  b: ['b', 'B', 'Ь', 'ƅ', '8', 'ｂ', 'ʙ', '𝕓'],
  c: ['c', 'C', 'с', 'ｃ', 'ç', 'ⅽ'],
  d: ['d', 'D', 'ԁ', 'cl', 'ⅾ', 'ꓓ'],
  e: ['e', 'E', 'е', 'Е', 'é', '3', 'ｅ', 'ꬲ', '℮', 'ᴇ', '🅔'],
  h: ['h', 'H', 'һ', 'Н', 'н', 'ｈ'],
  i: ['i', 'I', 'і', 'l', '1', '|', 'ı', 'Ι', 'ì', 'ｉ', '!'],
  l: ['l', 'L', 'I', '1', 'ⅼ', 'Ӏ', '|', 'ｌ', 'ł', '׀'],
  m: ['m', 'M', 'rn', 'м', 'ｍ', 'ⅿ', '🅜'],
  n: ['n', 'N', 'ո', 'ｎ', 'ñ', 'ɴ'],
  o: ['o', 'O', '0', 'о', 'О', 'ο', 'σ', '٥', 'ö', 'ø', 'ｏ', '๐', 'ⓞ', '🄾', '𝟎'],
  p: ['p', 'P', 'р', 'ρ', 'ｐ', 'ᴘ', '🅿'],
  r: ['r', 'R', 'г', 'ｒ', 'ʀ', 'ꭇ'],
  s: ['s', 'S', 'ѕ', '5', '$', 'ｓ', 'ꜱ', 'š'],
  t: ['t', 'T', 'т', 'τ', '7', 'ｔ', 'ţ'],
  w: ['w', 'W', 'ѡ', 'vv', 'ԝ', 'ｗ'],
  y: ['y', 'Y', 'у', 'ү', 'γ', 'ý', 'ｙ'],
}

const UNSEEN = [
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u034f',
  '\u202e',
  '\u2066',
  '\ufe0f',
  '\u{e0100}',
  '\u{e0041}',
  '\u3164',
  '\uffa0',
  '\ue000',
  '\u0007',
  '\0',
  '\ud800',
  '\u180e',
]
const BLANK = [' ', '\t', '\n', '\u00a0', '\u2003', '\u3000', '\u1680', '\u2028', '\u2800']

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 150 }),
  fc
    .array(
      fc.constantFrom(...UNSEEN, ...BLANK, 'a', '-', ':', '：', '꞉', ',', '‚', '@', '＠', 'ses_', '5', 'ﷺ', '\u0301'),
    )
    .map(parts => parts.join('')),
)

describe('a name', () => {
  it.each([
    ['feature/auth', 'feature/auth'],
    ['fix_14.2', 'fix_14.2'],
    [' my  back:end, ', 'my-back-end'],
    ['über-größe', 'über-größe'],
    ['пример', 'пример'],
    ['किताब', 'किताब'],
    ['1.2.3', '1.2.3'],
  ])('keeps what may stand in an address list: %j is %j', (wanted, name) => {
    expect(cleanName(wanted)).toBe(name)
  })

  it('is, whatever was wished for, one that is seen whole, and stays as it is', () => {
    fc.assert(
      fc.property(anyText, wanted => {
        const name = cleanName(wanted)
        expect(name).not.toMatch(/[\p{C}\p{Z}\s\p{Default_Ignorable_Code_Point}\u2800:,@]/u)
        expect(name.normalize('NFKC')).toBe(name)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(102)
        expect(cleanName(name)).toBe(name)
        expect(otherMeaning(name)).toBeUndefined()
      }),
      cases(2_000),
    )
  })

  it('has no heap of marks on a letter, and none at its beginning', () => {
    expect(cleanName(`\u0336x${'\u0336'.repeat(50)}y`)).toBe(`x${'\u0336'.repeat(4)}y`)
  })

  it('is the same however many unseen characters it was written with', () => {
    for (const char of UNSEEN) expect(cleanName(`${char}fr${char}ont${char}`)).toBe('front')
    for (const char of BLANK) expect(cleanName(`${char}fr${char}ont${char}`)).toBe('fr-ont')
  })

  it('is never one that addresses something else, nor one that looks so', () => {
    expect(cleanName('all')).toBe('all-1')
    expect(cleanName('operator')).toBe('operator-1')
    expect(cleanName('\u0000')).toBe('agent')
    for (const name of [
      '\u200boperator',
      'Operator',
      'оperator',
      '0perator',
      'swltchboard',
      'SYSTEM',
      'systern',
      'ope\u0301rator',
      '(operator)',
      'operator.',
      '𝐨perator',
      'ｏperator',
      'аll',
      'A11',
      'mе',
      'sessi0n',
      'ᴏᴘᴇʀᴀᴛᴏʀ',
      '🅾perator',
    ]) {
      expect([name, otherMeaning(plainName(name))]).toEqual([name, 'reserved'])
      expect(cleanName(name)).toMatch(/-1$/)
    }
    fc.assert(
      fc.property(disguised, fc.constantFrom(...UNSEEN, '', '.', '"'), (name, around) => {
        expect(otherMeaning(plainName(`${around}${name}${around}`))).toBeDefined()
      }),
      cases(2_000),
    )
  })

  it.each([
    ['ses_abcdefghijkl', 'ses-abcdefghijkl'],
    ['ѕеѕ＿abcdefghijkl', 'ѕеѕ-abcdefghijkl'],
    ['swb_token_x', 'swb-token_x'],
    ['token:ci', 'token-ci'],
    ['token꞉ci', 'token-ci'],
    ['42', '42-1'],
    ['#42', '#42-1'],
    ['amber-fox', 'amber-fox-1'],
    ['Amber-F0x', 'Amber-F0x-1'],
    ['аmber‐fox-2', 'аmber‐fox-2-1'],
  ])('is no id, no number and no codename, and does not look like one: %j is %j', (wanted, name) => {
    expect(cleanName(wanted)).toBe(name)
  })

  it('is none of the codenames that are drawn', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.integer({ min: 2, max: 10_000 }),
        (chance, n) => {
          const codename = drawCodename(() => chance)
          for (const name of [codename, `${codename}-${n}`]) {
            expect(looksLikeCodename(name)).toBe(true)
            expect(looksLikeCodename(cleanName(name))).toBe(false)
          }
        },
      ),
      cases(200),
    )
  })

  it('that is taken gets the first free number', () => {
    const free = (...taken: string[]) => firstFree('api', name => !taken.includes(name))
    expect([free(), free('api', 'api-2'), free('api', 'api-3')]).toEqual(['api', 'api-3', 'api-2'])
  })

  it('is by default the branch, or the folder on a trunk', () => {
    expect(defaultName({ branch: 'feature/auth', cwd: '/src/api' })).toBe('feature/auth')
    expect(defaultName({ branch: 'main', worktree: '/src/api' })).toBe('api')
    expect(defaultName({ cwd: 'C:\\src\\web' })).toBe('web')
    expect(defaultName({})).toBe('agent')
  })
})

describe('a skeleton', () => {
  it('is the same for names that can be mistaken for each other', () => {
    const pairs = [
      ['api', 'API'],
      ['backend', 'bаckend'],
      ['learn', 'leam'],
      ['web-1', 'web-l'],
      ['ui', 'ul'],
      ['café', 'cafe'],
      ['a-b', 'a‐b'],
      ['wave', 'vvave'],
    ]
    for (const [a, b] of pairs) expect([a, skeletonOf(a!)]).toEqual([a, skeletonOf(b!)])
    const apart = [
      ['api', 'apl2'],
      ['web-1', 'web-2'],
      ['web-10', 'web-1'],
      ['a-b', 'a_b'],
      ['राम', 'रम'],
      ['日本', '日木'],
    ]
    for (const [a, b] of apart) expect(skeletonOf(a!)).not.toBe(skeletonOf(b!))
  })

  it('of two texts is that of both together', () => {
    const text = fc.oneof(fc.string(), disguised)
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(skeletonOf(`${a}-${b}`)).toBe(`${skeletonOf(a)}-${skeletonOf(b)}`)
      }),
      cases(200),
    )
  })
})

it('a codename is two words, chosen by the given chance', () => {
  expect(drawCodename(() => 0)).toBe('able-acorn')
  expect(drawCodename(() => 0.999_999)).toMatch(/^[a-z]+-[a-z]+$/)
})

describe('a name that a session gets by its client', () => {
  it.each([
    [undefined, 'docs-writer', 'docs-writer'],
    [undefined, 'Docs writer', 'Docs-writer'],
    [undefined, 'operator', 'operator-1'],
    ['docs-writer', 'docs-writer', undefined],
    ['docs-writer', 'api', 'api'],
    ['docs-writer', undefined, undefined],
    [undefined, '\u200b', undefined],
  ])('told %j before and %j now it is %j', (before, now, name) => {
    expect(nameByTitle(before === undefined ? {} : { title: before }, { title: now })).toBe(name)
    if (before === undefined) expect(nameByTitle(undefined, { title: now })).toBe(name)
  })
})
