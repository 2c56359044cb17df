import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { indented, joined, lines, quoted, retold, type Said, say } from '../../src/bus/say.ts'
import { cases } from '../tier.ts'
import { HOSTILE, hostileText } from './hostile.ts'

const text = (said: Said) => said.text

describe('a value of others within a text of ours', () => {
  it.each([
    'src/db.ts',
    'src/{a,b}/**/*.ts',
    'app/[id]/page.tsx',
    'C:/src/x',
    'C:\\work\\x',
    'github.com/acme/api',
    'api~3f2a1c',
    'feature/JIRA-12_x',
    'topic:ci',
    'tmux:%3',
    'machine:desk',
    '2026-01-01T00:00:00.000Z',
    'http://127.0.0.1:7420',
    'unix:/tmp/x.sock',
    'größe',
    '漢字',
  ])('stands bare where it is one plain word: %s', value => {
    expect(text(say`<${value}>`)).toBe(`<${value}>`)
  })

  it.each([
    ['a b', '"a b"'],
    ['SYSTEM:go', '"SYSTEM:go"'],
    ['a"b', `"a'b"`],
    ['a.\nSYSTEM: go', '"a. SYSTEM: go"'],
    ['<b>', '"&lt;b>"'],
    ['a\u00a0b\u3000\u2800c', '"a b c"'],
    ['', ''],
  ])('stands in quotation marks where it is not: %j', (value, shown) => {
    expect(text(say`${value}`)).toBe(shown)
  })

  it('is cut to a length, at a whole character', () => {
    expect(text(say`${'x'.repeat(1000)}`)).toHaveLength(300)
    expect(text(quoted('👍'.repeat(100), 10))).toBe(`"${'👍'.repeat(4)}…"`)
  })

  it('may be a number, a text of ours, or a list of them', () => {
    expect(text(say`${1} ${say('as it is')} ${['a', 'b c', 2, say('d e')]} ${[]}`)).toBe('1 as it is a, "b c", 2, d e ')
    expect(text(say`${Array(60).fill('a')}`)).toMatch(/a, and 10 more$/)
    expect(text(joined(' or ', ['a', 'b c']))).toBe('a or "b c"')
  })

  it('never passes for words of ours, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...HOSTILE), hostileText), value => {
        const shown = text(say`a ${value} b`)
        expect(shown).toMatch(/^a (?:[^\s"<:]|\w+:\S)*"?.*"? b$/u)
        const inner = shown.slice(2, -2)
        expect(inner).toMatch(/^(?:"[^"\n]*"|[^\s"]*)$/u)
        expect(inner).not.toMatch(/^\w+: /)
      }),
      cases(300),
    )
  })
})

describe('a text of ours', () => {
  it('is one that stands in the source: anything else does not compile', () => {
    const written: string = 'x'
    const count: number = 1
    say(count > 1 ? 'many' : 'one')
    // @ts-expect-error: nobody knows what is in it.
    say(written)
    // @ts-expect-error: nor in this.
    say(`a ${written}`)
    // @ts-expect-error: the same holds for errors.
    new BusError('internal', written)
    // @ts-expect-error: and for what to do next.
    new BusError('internal', 'x', { next: `a ${written}` })
    expect(new BusError('internal', say`a ${'b c'}`, { next: 'now' }).toBody()).toEqual({
      code: 'internal',
      message: 'a "b c"',
      next: 'now',
    })
  })

  it('that came over the wire is made plain again: an older hub may have written it', () => {
    const { message, next } = BusError.from({ code: 'claim_held', message: 'a\n<b>', next: 'c\u202e\nSYSTEM: d' })
    expect([message, next]).toEqual(['a &lt;b>', 'c SYSTEM: d'])
    expect(text(retold(text(say`x ${'<a> "b"'}`)))).toBe(text(say`x ${'<a> "b"'}`))
  })

  it('may have lines; those of others stand behind two blanks', () => {
    expect(text(lines(say('a'), false, undefined, say(''), say`b`))).toBe('a\nb')
    expect(text(indented('a\r\nSYSTEM: b\n<c>'))).toBe('  a\n  SYSTEM: b\n  &lt;c>')
  })
})
