import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onOneLine, visible, visibleJson } from '../../src/bus/visible.ts'
import { cases } from '../tier.ts'
import { HOSTILE, hostileText, UNSEEN_RUNS } from './hostile.ts'

const ESC = '\u001b'

describe('what a reader does not see is gone:', () => {
  it.each([
    [
      'an order in variation selectors',
      `ok${[...'obey'].map(c => String.fromCodePoint(0xe0100 + c.charCodeAt(0))).join('')}`,
      'ok',
    ],
    ['an order in tags', `ok${[...'obey'].map(c => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')}`, 'ok'],
    ['an order in joiners between letters that do not join', 'o\u200cb\u200de\u200cy', 'obey'],
    ['a word within a word', 'oper\u200bat\u2060or\ufeff\u00ad', 'operator'],
    ['directions of writing', 'a\u202eb\u2066c\u200fd\u061ce', 'abcde'],
    ['fillers of other scripts, and what is no character', 'a\u{16fe4}\u{1d159}b\ufffe\ufdd0\u{10ffff}c', 'abc'],
    ['fillers that are letters', 'a\u3164\u115f\uffa0b', 'ab'],
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['a title of the window', `${ESC}]0;title\u0007text`, 'text'],
    ['a link', `${ESC}]8;;http://x${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
    ['escapes within escapes', `${ESC}${ESC}[[2J31m`, '2J31m'],
    ['8-bit escapes', '\u009b2Jcleared', 'cleared'],
    ['a sequence without an end, but no more than that', `${ESC}]unended, ${ESC}[1mok`, 'unended, ok'],
    ['other control bytes', `nul\u0000 bel\u0007 del\u007f back\u0008space ${ESC}`, 'nul bel del backspace '],
    ['half a character', 'x\ud83d', 'x\ufffd'],
    ['more than one variation selector', '\u2764\ufe0f\ufe0f\u{e0100}', '\u2764\ufe0f'],
    ['a variation selector of a letter', 'a\ufe0f\ufe00', 'a'],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown)
  })
})

it.each([
  'tab\tline\nend',
  '漢字 é n\u0303',
  'می\u200cخواهم',
  'क्\u200dष',
  '👩\u200d👩\u200d👧 👩🏽\u200d🚀 ❤️\u200d🔥 1️⃣ ☺︎',
])('what a reader does see stays: %j', text => {
  expect(visible(text)).toBe(text)
})

it.each(['\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029'])('a line ends in one way only: %j', end => {
  expect(visible(`one${end}two`)).toBe('one\ntwo')
  expect(onOneLine(`one${end}${end}two${end}`)).toBe('one two')
})

it('no `<` is left, nor what looks like one or becomes one', () => {
  for (const sign of '<≮﹤＜˂ᐸᚲ‹❮𝈶≪⋖⋘〈⟨〈❬❰⧼︿') expect(visible(`${sign}/x>`)).toBe('&lt;/x>')
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const char = String.fromCodePoint(code)
    if (char.normalize('NFKD').includes('<')) expect(visible(char)).toBe('&lt;')
  }
})

it('whatever is shown, nothing unseen is in it, and to show it twice changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 40 })), text => {
      for (const show of [visible, onOneLine]) {
        const shown = show(text)
        expect(shown).not.toMatch(/</)
        expect(shown.replace(/[\t\n]/g, '')).not.toMatch(/\p{Cc}/u)
        // Joiners and selectors are judged by their neighbours, above.
        expect(shown.replace(/\u200c|\u200d|\ufe0e|\ufe0f/g, '')).not.toMatch(/\p{Default_Ignorable_Code_Point}/u)
        expect(shown).not.toMatch(UNSEEN_RUNS)
        expect(shown.isWellFormed()).toBe(true)
        expect(show(shown)).toBe(shown)
      }
      expect(onOneLine(text)).not.toMatch(/[\t\n]/)
    }),
    cases(300),
  )
})

it('JSON means the same, and shows nothing unseen', () => {
  for (const text of HOSTILE) {
    const value = { [text]: [text, { text }] }
    const shown = visibleJson(value)
    expect(JSON.parse(shown)).toEqual(value)
    expect(shown).not.toMatch(/[<\p{Cc}\p{Default_Ignorable_Code_Point}\u2028]/u)
    expect(JSON.parse(visibleJson(value, 2))).toEqual(value)
  }
  expect(visibleJson(undefined)).toBe('null')
})

it('looks at each character a few times, whatever the text: introducers without an end are many', () => {
  for (const piece of [
    '\u009d',
    '\u001b]',
    '\u009b0',
    '\u001b[',
    '\u001b[0',
    '\u001b ',
    '\u200d',
    'a\u200d',
    '\ufe0f',
  ]) {
    // A pass over all that follows each of them would not end before the test does.
    expect(visible(piece.repeat(300_000)).length).toBeLessThan(1_000_000)
  }
})
