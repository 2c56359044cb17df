import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutTo, shortened } from '../../src/bus/cut.ts'
import { digest, fenced } from '../../src/bus/letter.ts'
import { cases } from '../tier.ts'

it('a text is cut to at most so many characters, and to no half of one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(12), (text, maxChars) => {
      const cut = cutTo(text, maxChars)
      expect(cut.length).toBeLessThanOrEqual(maxChars)
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.length, maxChars - 1))
      expect(text.startsWith(cut)).toBe(true)
      expect(cut.isWellFormed()).toBe(true)
    }),
    cases(1_000),
  )
  expect(cutTo('a😀b', 2)).toBe('a')
  expect(cutTo('a😀b', 3)).toBe('a😀')
})

it('a reader sees that something is missing', () => {
  expect(shortened('abcdef', 6)).toBe('abcdef')
  expect(shortened('abcdef', 4)).toBe('abc…')
  expect(shortened('ab😀def', 4)).toBe('ab…')
})

it('a digest and a letter’s head are cut at no half of a character', () => {
  const letter = {
    id: 1,
    type: 'message',
    channel: 'all',
    level: 'info',
    urgency: 'now',
    at: '2026-01-01T00:00:00Z',
  } as const
  for (let n = 0; n < 8; n++) {
    const text = 'x'.repeat(n) + '😀'.repeat(200)
    const message = { ...letter, from: text, text, title: text, thread: text, trust: 'peer' } as const
    expect(digest([message], 1).isWellFormed()).toBe(true)
    expect(fenced(message, 'nonce').isWellFormed()).toBe(true)
  }
})

it('nothing else in the program cuts text by UTF-16 units', () => {
  const cutting = /(?<!digest\('hex'\))\.(?:slice|substring|substr)\(0, *(?:\w*(?:chars|quoted)\b|\d{2,}\))/i
  const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== 'bus/cut.ts')
    .flatMap(file =>
      readFileSync(`src/${file}`, 'utf8')
        .split('\n')
        .map(line => `${file}: ${line.trim()}`),
    )
    .filter(line => cutting.test(line) && !line.includes('letters.slice(0, 10)'))
  expect(found).toEqual([])
})
