import { describe, expect, it } from 'vitest'
import type { Said } from '../../src/bus/say.ts'
import { catalog } from '../../src/operations/catalog.ts'
import { inputOf } from '../../src/transports/cli/operation-command.ts'

const noted: string[] = []
const io = {
  note: ({ text }: Said) => void noted.push(text),
  stdin: async () => 'piped\n',
  file: async (path: string) => {
    if (path === 'there.json') return '{"from":"a file"}\n'
    if (path === 'broken.json') return '{"from":'
    throw new Error('no such file')
  },
}

const input = async (name: string, options: Record<string, unknown>, ...args: string[]) => {
  const entry = catalog.find(each => each.name === name)
  if (!entry) throw new Error(`no operation ${name}`)
  return await inputOf(entry, { options, args, io })
}

describe('what is typed', () => {
  it('becomes the input of the operation: dashes, numbers, flags', async () => {
    expect(await input('inbox', { limit: '5', waitSeconds: '1.5', peek: true })).toEqual({
      limit: 5,
      wait_seconds: 1.5,
      peek: true,
    })
  })

  it('may be bare or an option, but not both', async () => {
    expect(await input('publish', {}, 'hi')).toEqual({ text: 'hi' })
    expect(await input('publish', { text: 'hi' })).toEqual({ text: 'hi' })
    await expect(input('publish', { text: 'hi' }, 'hi')).rejects.toThrow('expected text once')
  })

  it('is a list by commas and by repeating, where commas in braces do not count', async () => {
    expect(await input('register', { owns: ['src/{a,b}/**, docs', 'x'], topics: ['ci'] })).toEqual({
      owns: ['src/{a,b}/**', 'docs', 'x'],
      topics: ['ci'],
    })
    expect(await input('publish', { to: ['a,role:b', 'c'] }, 'hi')).toEqual({ text: 'hi', to: ['a', 'role:b', 'c'] })
  })

  it('is JSON where it is JSON, and else the text itself', async () => {
    const value = async (word: string) => (await input('set_state', {}, 'k', word)).value
    expect(await value('42')).toBe(42)
    expect(await value('"42"')).toBe('42')
    expect(await value('{"a":[1]}')).toEqual({ a: [1] })
    expect(await value('null')).toBe(null)
    expect(await value('main')).toBe('main')
    expect(await value('')).toBe('')
  })

  it.each(['{bad', '["a", ]', '"open', '{a: 1}', "{'a': 1}", 'a }', '@broken.json'])(
    'is said to be stored as text where it looks like JSON and is none: %s',
    async word => {
      noted.length = 0
      expect((await input('set_state', {}, 'k', word)).value).toEqual(expect.any(String))
      expect(noted).toEqual([expect.stringMatching(/^<value>: this is no JSON \(.+\), so it is stored as text\.$/)])
      expect((await input('publish', { data: word }, 'hi')).data).toEqual(expect.any(String))
      expect(noted[1]).toMatch(/^--data: this is no JSON/)
    },
  )

  it.each(['main', '42', '{"a":[1]}', '"text"', 'step 1, step 2', ''])('is stored as it is meant: %s', async word => {
    noted.length = 0
    await input('set_state', {}, 'k', word)
    expect(noted).toEqual([])
  })

  it('comes from stdin with `-` and from a file with `@`, without the last line end', async () => {
    expect(await input('set_state', {}, 'k', '-')).toEqual({ key: 'k', value: 'piped' })
    expect(await input('set_state', {}, 'k', '@there.json')).toEqual({ key: 'k', value: { from: 'a file' } })
    expect(await input('publish', {}, '-')).toEqual({ text: 'piped' })
    await expect(input('set_state', {}, 'k', '@gone')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('expected a readable file, got gone'),
      next: expect.stringContaining('\'"@gone"\''),
    })
  })

  it('does not read a file for a message that begins with an @', async () => {
    expect(await input('publish', {}, '@backend look')).toEqual({ text: '@backend look' })
  })

  it.each([
    ['inbox', { limit: 'abc' }, '--limit: expected a whole number from 1 to 200, got "abc"'],
    ['inbox', { limit: '1.5' }, '--limit: expected a whole number from 1 to 200, got "1.5"'],
    ['inbox', { limit: '' }, '--limit: expected a whole number from 1 to 200, got ""'],
    ['inbox', { waitSeconds: '111' }, '--wait-seconds: expected a number from 0 to 110, got "111"'],
    ['publish', { text: 'x', level: 'urgent' }, '--level: expected one of lifecycle, info, actionable, got "urgent"'],
    ['create_token', { name: 'x', scopes: ['read,write'] }, '--scopes: expected one of read, publish'],
    ['register', { facts: '[]' }, '--facts: expected a JSON object, got "[]"'],
    ['publish', {}, 'publish: expected <text>, got none'],
    ['set_state', { key: 'k' }, 'set-state: expected <value>, got none'],
  ])('is refused where it is not what %s needs: %o', async (name, options, message) => {
    await expect(input(name, options)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
    })
  })

  it('of JSON is no number that would change, and text that is no JSON stays text', async () => {
    const value = async (word: string) => ((await input('set_state', {}, 'k', word)) as { value: unknown }).value
    for (const word of ['9007199254740993', '1e400', '{"a":[-1e400]}', '[9007199254740993.0]']) {
      await expect(value(word)).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(/^<value>: expected numbers that a double can hold, got .+ send it as text/),
      })
    }
    expect(await value('"9007199254740993"')).toBe('9007199254740993')
    expect(await value('id 9007199254740993')).toBe('id 9007199254740993')
    expect(await value('9007199254740992')).toBe(9007199254740992)
  })

  it('shortens what it quotes', async () => {
    await expect(input('inbox', { limit: 'x'.repeat(500) })).rejects.toThrow(`got "${'x'.repeat(59)}…"`)
  })
})
