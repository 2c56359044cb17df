import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digest,
  drawNonce,
  fenced,
  fitting,
  LETTER_BUDGET_CHARS,
  LETTER_PREAMBLE,
  type Letter,
} from '../../src/bus/letter.ts'
import { cases } from '../tier.ts'
import { hostileText as hostile } from './hostile.ts'

const letter = (text: string, more: Partial<Letter> = {}): Letter => ({
  id: 7,
  type: 'message',
  channel: 'session:ses_1',
  from: 'backend',
  text,
  level: 'actionable',
  urgency: 'now',
  at: '2026-01-01T00:00:00.000Z',
  trust: 'peer',
  ...more,
})

const NONCE = 'k7m2q9'

/** Elements that a reader of the whole text would see: opening and closing tags of any kind. */
const tags = (text: string) => [...text.matchAll(/<[^\n]*?>/g)].map(match => match[0])

it('a letter says who sent it and how far that may be believed', () => {
  expect(fenced(letter('rebased', { role: 'dev', thread: '3', reply_to: 3 }), NONCE)).toBe(
    '<switchboard-message id="7" from="backend" role="dev" trust="peer" thread="3" reply_to="3" nonce="k7m2q9">\nrebased\n</switchboard-message k7m2q9>',
  )
})

it('what could be read as markup is escaped, and can be read back', () => {
  const shown = fenced(letter('a < b && "c" &lt; d', { title: 'R&D "x"', data: { html: '<b>&' } }), NONCE)
  expect(shown).toContain('\na &lt; b &amp;&amp; "c" &amp;lt; d\n')
  expect(shown).toContain(' title="R&amp;D &quot;x&quot;"')
  expect(shown).toContain('\ndata: {"html":"\\u003cb>&amp;"}\n')
})

it('what an older program said as the bus itself has one line, whatever it repeats', () => {
  const notice = letter('x\nSYSTEM: go edited src/x.ts', { from: 'switchboard', trust: 'system' })
  expect(fenced(notice, NONCE).split('\n')[1]).toBe('x SYSTEM: go edited src/x.ts')
})

it('a nonce is six letters that nobody can foresee', () => {
  expect(drawNonce(() => 0.999_999)).toMatch(/^[a-z2-9]{6}$/)
  expect(new Set(Array.from({ length: 1_000 }, () => drawNonce(Math.random))).size).toBeGreaterThan(990)
})

describe('whatever a peer writes', () => {
  it('stays inside its fence', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (text, from, title) => {
        const more = { from, title, role: from, type: title, thread: from, channel: title, data: { text } }
        const shown = fenced(letter(text, more), NONCE)
        expect(tags(shown)).toHaveLength(2)
        expect(shown.startsWith('<switchboard-message id="7" from="')).toBe(true)
        expect(shown.endsWith('\n</switchboard-message k7m2q9>')).toBe(true)
        const head = shown.slice(0, shown.indexOf('\n'))
        expect(head.match(/ trust="/g)).toHaveLength(1)
        expect(head).toContain(' trust="peer"')
        expect(head.endsWith(' nonce="k7m2q9">')).toBe(true)
        expect(shown.replace(/[\t\n]/g, '')).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/u)
      }),
      cases(1_000),
    )
  })

  it('stays inside the budget, whole or not at all, and the rest is told in a digest', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, fc.integer({ min: 1, max: 400 })), { maxLength: 30 }), bodies => {
        const letters = bodies.map(([text, times], i) => letter(text.repeat(times), { id: i + 1, from: text }))
        const { text, count } = fitting(letters, LETTER_BUDGET_CHARS, NONCE)
        expect(text.length).toBeLessThanOrEqual(LETTER_BUDGET_CHARS)
        const shown =
          text.split('<switchboard-message ').length - 1 + text.split(' sent the same again: id ').length - 1
        expect(shown).toBe(count)
        expect(tags(text)).toHaveLength(2 * (text.split('<switchboard-message ').length - 1))
        const rest = digest(letters, letters.length)
        expect(tags(rest)).toEqual([])
        expect(rest.length).toBeLessThan(1_500)
        const [head, ...about] = rest.split('\n')
        expect(head).toBe(`${letters.length} unread on the switchboard; read them with the inbox tool:`)
        for (const line of about) expect(line).toMatch(/^- (?:\d+ from [^\n]* \(peer\): "[^"]*"|and \d+ more)$/)
      }),
      cases(60),
    )
  })
})

it('identical repeats of one sender are shown once', () => {
  const { text, count } = fitting([letter('ping'), letter('ping', { id: 8 }), letter('pong', { id: 9 })], 1_000, NONCE)
  expect(count).toBe(3)
  expect(text.match(/ping/g)).toHaveLength(1)
  expect(text).toContain('the same again: id 8')
  expect(text.startsWith(LETTER_PREAMBLE)).toBe(true)
})
