import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultInJson } from '../../src/bus/json-text.ts'
import { asText, faultIn, isText } from '../../src/bus/text.ts'
import { cases } from '../tier.ts'

describe('names in JSON', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":1},"c":[{"a":1}],"a":null}', 'a'],
    ['[{"x":{"a":[],"b":"a","\\u0061" : 1}}]', 'a'],
    ['{"":1, "" :2}', ''],
    ['{"\\"":1,"\\u0022":2}', "'"],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('%s has one twice', (text, name) => {
    expect(faultInJson(text, 0)).toBe(`expected each name once in an object, got "${name}" twice`)
  })

  it.each([
    '{"a":"a","b":"a:","c":["a","a"]}',
    '[{"a":1},{"a":2}]',
    '{"a":{"a":{"a":1}},"A":1,"\u00e9":1,"e\u0301":2}',
    '{"a":"\\"a\\":","b":":"}',
  ])('%s has each once', text => expect(faultInJson(text, 0)).toBeUndefined())
})

describe('text', () => {
  it('is Unicode without U+0000, and is found faulty wherever in a value it is none', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'grapheme' }),
        fc.constantFrom('\0', '\ud800', '\udc00'),
        (value, broken) => {
          expect(faultIn(value)).toBeUndefined()
          expect(faultIn({ deep: [value, { [`k${broken}`]: 1 }] })?.path.slice(0, 2)).toEqual(['deep', 1])
          expect(faultIn([value, { k: `a${broken}z` }])).toMatchObject({ path: [1, 'k'] })
        },
      ),
      cases(200),
    )
  })

  it.each([
    ['src/db.ts\0x', 'expected text without U+0000, got it at character 9'],
    ['a😀\ud83d', 'expected whole characters, got half of one (U+D83D) at character 3'],
    ['\udc00😀', 'expected whole characters, got half of one (U+DC00) at character 0'],
    ['\ud800\ud83d\ude00', 'expected whole characters, got half of one (U+D800) at character 0'],
  ])('says what is wrong with %j', (text, message) => {
    expect(isText(text)).toBe(false)
    expect(faultIn(text)).toEqual({ path: [], message })
    expect(isText(asText(text))).toBe(true)
    expect(asText(text)).toHaveLength(text.length)
  })
})

describe('numbers in JSON', () => {
  it.each(['9007199254740993', '-9007199254740993', '18446744073709551615', '12345678901234567890', '1e400', '-1E400'])(
    'are refused where a double does not hold them: %s',
    number => {
      for (const text of [number, `[1,${number}]`, `{"a":{"b":${number}}}`, ` ${number} `]) {
        expect(faultInJson(text, 0)).toContain(number.replace('-', ''))
      }
    },
  )

  it.each([
    '9007199254740993.0',
    '9.007199254740993e15',
    '1e-400',
    '0.1e-999',
    `1${'0'.repeat(400)}`,
    '90071992547409931e-1',
  ])('are refused in whatever way they are written: %s', number =>
    expect(faultInJson(`{"n":${number}}`, 0)).toContain('expected numbers that a double can hold'),
  )

  it.each([
    '0',
    '-0',
    '0e99',
    '1.5',
    '9007199254740991',
    '9007199254740992',
    '1e21',
    '1e300',
    '123456789012345e3',
    '0.1000000000000000055',
  ])('are kept where they come out again, or are fractions: %s', number =>
    expect(faultInJson(`[${number}]`, 0)).toBeUndefined(),
  )

  it('in text are text', () => {
    for (const text of ['1e400', '9007199254740993', '\\"1e400', '"1e400', '\\']) {
      expect(faultInJson(JSON.stringify({ [text]: text }), 0)).toBeUndefined()
    }
  })

  it('that are let through come out of parsing and printing as the same number', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,24})$/)
    const number = fc.tuple(fc.constantFrom('', '-'), digits, fc.constantFrom('', 'e3', 'E+20', 'e-2'))
    fc.assert(
      fc.property(number, ([sign, whole, exponent]) => {
        const text = `${sign}${whole}${exponent}`
        if (faultInJson(text, 0) !== undefined) return
        const again = JSON.stringify(JSON.parse(text))
        const exact = (written: string) => {
          const [, all = '', point = '', power = '0'] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(written)!
          return BigInt(all + point) * 10n ** BigInt(Number(power) - point.length + 40)
        }
        expect(exact(again)).toBe(exact(text))
      }),
      cases(200),
    )
  })
})
