import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageOf } from '../../src/bus/age.ts'
import {
  digest,
  drawNonce,
  fenced,
  fitting,
  LETTER_BUDGET_CHARS,
  LETTER_PREAMBLE,
  type Letter,
  noticeOf,
  OPERATOR_PREAMBLE,
  preambleOf,
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

it('a letter says how old it is once that is a minute, in one unit', () => {
  const seconds = (n: number) => ageOf(1_000, 1_000 + n * 1_000)
  expect([0, 59, 60, 28 * 60 + 59, 3_599, 3_600, 47 * 3_600, 48 * 3_600, 90 * 86_400].map(seconds)).toEqual([
    undefined,
    undefined,
    '1m',
    '28m',
    '59m',
    '1h',
    '47h',
    '2d',
    '90d',
  ])
  expect(fenced(letter('rebased', { age: '28m' }), NONCE)).toContain(' trust="peer" age="28m" nonce=')
  expect(digest([letter('rebased', { age: '3h' })], 1)).toContain('- 7 from backend (peer, urgent, 3h old): "rebased"')
})

it('only where peers wrote, or the bus for them, is the reader warned of peers', () => {
  const of = (...trusts: Letter['trust'][]) => preambleOf(trusts.map(trust => ({ trust }))).text
  expect(of('operator', 'operator')).toBe(OPERATOR_PREAMBLE)
  for (const mixed of [of('operator', 'peer'), of('peer'), of('system'), of('operator', 'system')])
    expect(mixed).toBe(LETTER_PREAMBLE)
  expect(OPERATOR_PREAMBLE).not.toContain('peer')
})

it('the person at the terminal is told in one line who wrote and what about', () => {
  const letters = [letter('Which port\ndoes the API use?'), letter('x', { from: 'web "2"', title: 'CI is red' })]
  expect(noticeOf(letters, 2).text).toBe(
    `Switchboard mail from backend: "Which port does the API use?"; "web '2'": "CI is red"`,
  )
  const many = Array.from({ length: 5 }, (_, i) => letter('z'.repeat(300), { id: i }))
  expect(noticeOf(many, 9).text).toMatch(/^Switchboard mail from (backend: "z{59}…"(; )?){3} and 6 more$/)
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
        const { text, shown: given } = fitting(letters, LETTER_BUDGET_CHARS, NONCE)
        expect(text.length).toBeLessThanOrEqual(LETTER_BUDGET_CHARS)
        const shown =
          text.split('<switchboard-message ').length - 1 + text.split(' sent the same again: id ').length - 1
        expect(shown).toBe(given.length)
        expect(tags(text)).toHaveLength(2 * (text.split('<switchboard-message ').length - 1))
        const notice = noticeOf(letters, letters.length).text
        expect(notice).not.toMatch(/[\n<]/)
        expect(notice.length).toBeLessThan(400)
        const rest = digest(letters, letters.length)
        expect(tags(rest)).toEqual([])
        expect(rest.length).toBeLessThan(1_500)
        const [head, ...about] = rest.split('\n')
        expect(head).toBe(`${letters.length} unread on the switchboard; read them with the inbox tool:`)
        for (const line of about) expect(line).toMatch(/^- (?:\d+ from [^\n]* \(peer, urgent\): "[^"]*"|and \d+ more)$/)
      }),
      cases(60),
    )
  })
})

it('a letter that is too long keeps none of the next from being shown, and none is said to be the same as it', () => {
  const long = 'y'.repeat(1_000)
  const letters = [letter(long, { id: 1 }), letter(long, { id: 2 }), letter('short', { id: 3, urgency: 'quiet' })]
  const { text, shown } = fitting(letters, 800, NONCE)
  expect(shown.map(({ id }) => id)).toEqual([3])
  expect(text).not.toContain('the same again')
  expect(digest(letters, 3)).toMatch(
    /1 from backend \(peer, urgent\).*2 from backend \(peer, urgent\).*3 from backend \(peer\)/s,
  )
})

it('identical repeats of one sender are shown once', () => {
  const { text, shown } = fitting([letter('ping'), letter('ping', { id: 8 }), letter('pong', { id: 9 })], 1_000, NONCE)
  expect(shown).toHaveLength(3)
  expect(text.match(/ping/g)).toHaveLength(1)
  expect(text).toContain('the same again: id 8')
  expect(text.startsWith(LETTER_PREAMBLE)).toBe(true)
})
