import { expect, it } from 'vitest'
import { argumentsOf, printsOneAnswer } from '../../src/session/client-arguments.ts'

it.each([
  ['claude -p hi', true],
  ['claude --print --model x hi', true],
  ['claude -cp hi', true],
  ['claude -p --output-format stream-json hi', true],
  ['claude -p --input-format stream-json --output-format stream-json', false],
  ['claude -p --input-format=stream-json', false],
  ['claude', false],
  ['claude --permission-mode plan', false],
])('%s prints one answer: %s', (line, expected) => {
  expect(printsOneAnswer(line.split(' '), { CLAUDE_CODE_ENTRYPOINT: 'cli' })).toBe(expected)
})

it('a client whose output is no terminal prints one answer, as it says itself', () => {
  expect(printsOneAnswer(['claude', 'hi'], { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' })).toBe(true)
})

it('reads the command line of another process', async () => {
  expect((await argumentsOf(process.pid))[0]).toContain('node')
  expect(await argumentsOf(2 ** 30)).toEqual([])
})
