import { describe, expect, it } from 'vitest'
import { leavesOf, program, specs } from './support/commands.ts'
import { runInProcess } from './support/in-process.ts'

const leaves = leavesOf(program)
const emptiableOf = (words: readonly string[]) =>
  specs.find(spec => spec.words.join(' ') === words.join(' '))?.emptiable?.() ?? []

const BLANKS = [
  ['', 'none'],
  [' \t', 'blanks only'],
  ['\u200b', 'blanks only'],
] as const

const bare = leaves.flatMap(({ words, command }) =>
  command.registeredArguments.map((argument, at) => ({ words, at, name: argument.name() })),
)
const options = leaves.flatMap(({ words, command }) =>
  command.options
    .filter(option => option.required)
    .map(option => ({
      words,
      flag: option.long!,
      filled: command.registeredArguments.map(() => 'x'),
      isEmptiable: emptiableOf(words).includes(option.attributeName()),
    })),
)

/** A home that cannot be made: a command that went on would fail in another way. */
const NOWHERE = { env: { SWITCHBOARD_HOME: '/dev/null/home' }, cwd: '/' }

describe('an empty word is not everything', () => {
  it.each(bare)('$words: argument $name', async ({ words, at, name }) => {
    for (const [blank, got] of BLANKS) {
      const { code, stderr } = await runInProcess([...words, ...Array(at).fill('x'), blank], NOWHERE)
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(`error: ${words.join(' ')}: expected <${name}>, got ${got}\nnext: `),
      })
    }
  })

  it.each(options)('$words: option $flag', async ({ words, flag, filled, isEmptiable }) => {
    for (const [blank, got] of BLANKS.filter(([each]) => each !== '' || !isEmptiable)) {
      const { code, stderr } = await runInProcess([...words, ...filled, flag, blank], NOWHERE)
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(`error: ${words.join(' ')}: expected ${flag} with a value, got ${got}\n`),
      })
    }
  })

  it('is refused before the command, too', async () => {
    const { code, stderr } = await runInProcess(['--url', '', 'sessions'], NOWHERE)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('sessions: expected --url with a value'),
    })
  })

  it('is looked for in every command', () => {
    expect(bare.map(({ words }) => words.join(' '))).toEqual(
      expect.arrayContaining(['publish', 'claim', 'release', 'list-claims', 'unregister', 'token revoke', 'setup']),
    )
    expect(options.map(({ words, flag }) => `${words.join(' ')} ${flag}`)).toEqual(
      expect.arrayContaining(['publish --to', 'get-events --query', 'watch --types', 'hub --port', 'status --url']),
    )
  })

  it('clears a text or a list, where an option writes one', () => {
    expect(emptiableOf(['register']).toSorted()).toEqual(['owns', 'summary', 'topics'])
    expect(emptiableOf(['claim'])).toEqual(['note'])
    expect(emptiableOf(['get-events'])).toEqual([])
  })
})
