import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog } from '../../src/operations/catalog.ts'
import type { Answer } from '../hub/door.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'
import { httpClient } from '../mcp/support/http-client.ts'
import { contentsOf } from './attack.ts'
import { type Path, placesOf, withValue } from './places.ts'
import { sampleOf } from './samples.ts'

let bus: TestHub

beforeAll(async () => {
  bus = await startTestHub({ store: 'sqlite' })
})

afterAll(() => bus[Symbol.asyncDispose]())

const BROKEN = [
  ['U+0000', 'a\0b'],
  ['the first half of a character', 'a\ud83d'],
  ['the second half of a character', '\ude00b'],
  ['halves in the wrong order', '\ude00\ud83d'],
] as const

function namesField(text: string, [field, ...within]: Path): boolean {
  return text.includes(`${[`\`${field}\``, ...within].join('.')}: expected`)
}

describe.each(catalog.map(entry => [entry.name, entry] as const))('%s', (name, entry) => {
  const places = placesOf(entry.inputSchema)

  it.each(BROKEN)('refuses %s in every text of its input, and does nothing', async (_, text) => {
    const before = await contentsOf(bus.store)
    for (const path of places) {
      const answer = await bus.socket.call(name, withValue(sampleOf(name), path, text), bus.user)
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 400, 'invalid_input'])
      expect([path, namesField(answer.text, path)]).toEqual([path, true])
      const asKey = await bus.socket.call(name, withValue(sampleOf(name), [...path.slice(0, -1), text], 'x'), bus.user)
      expect([path, asKey.status, codeOf(asKey)]).toEqual([path, 400, 'invalid_input'])
    }
    expect(await contentsOf(bus.store)).toBe(before)
  })
})

it('the places were found', () => {
  const places = catalog.flatMap(({ name, inputSchema }) =>
    placesOf(inputSchema).map(path => `${name} ${path.join('.')}`),
  )
  expect(places).toEqual(
    expect.arrayContaining([
      'publish to',
      'publish to.0',
      'publish tags.0',
      'publish data.field.1.deep',
      'set_state value',
      'register facts.known_as.0',
      'claim facts.repo',
      'get_events types.0',
      'settle proof',
    ]),
  )
  expect(places.length).toBeGreaterThan(80)
})

describe('text that is none comes in by no door', () => {
  const post = (body: string | Buffer, path = '/v1/set_state'): Promise<Answer> =>
    bus.socket.ask(path, {
      method: 'POST',
      credential: bus.user,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body,
    })

  it.each([
    ['escapes', '{"key":"k","value":"\\u0000"}'],
    ['escapes of a half', '{"key":"k\\uD800","value":1}'],
    ['escapes in a field’s name', '{"key":"k","value":{"\\udc00":1}}'],
    ['a bare byte 0', Buffer.from('{"key":"k","value":"a\0b"}')],
    ['bytes of a half', Buffer.from([...Buffer.from('{"key":"'), 0xed, 0xa0, 0x80, ...Buffer.from('","value":1}')])],
    ['bytes of Latin-1', Buffer.from('{"key":"é","value":1}', 'latin1')],
  ])('as %s in a body', async (_, body) => {
    const before = await contentsOf(bus.store)
    const answer = await post(body)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_input'])
    expect(await contentsOf(bus.store)).toBe(before)
  })

  it.each(['sessions', 'stateless'] as const)('as arguments of an MCP tool over HTTP (%s)', async era => {
    const { tool } = await httpClient(bus.hub.url, bus.user, era)
    for (const [, text] of BROKEN) {
      const before = await contentsOf(bus.store)
      expect(await tool('set_state', { key: `k${text}`, value: 1 })).toMatchObject({
        isError: true,
        error: { code: 'invalid_input' },
      })
      expect(await tool('set_state', { key: 'k', value: { [text]: 1 } })).toMatchObject({ isError: true })
      expect(await contentsOf(bus.store)).toBe(before)
    }
  })

  it.each(['channel', 'types', 'from', 'thread', 'min_level'])('as the stream’s %s', async field => {
    for (const written of ['a%00b', '%ED%A0%80', 'a%FF', '%F0%9F%98', '%']) {
      const answer = await bus.socket.ask(`/v1/stream?${field}=${written}`, { credential: bus.user })
      expect([written, answer.status, codeOf(answer)]).toEqual([written, 400, 'invalid_input'])
    }
  })

  it('as what a reconnecting reader of the stream has seen', async () => {
    const headers = { 'last-event-id': '1\u0080' }
    const answer = await bus.socket.ask('/v1/stream', { credential: bus.user, headers })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_input'])
  })
})

describe('a number that would change', () => {
  it.each(['9007199254740993', '1e400', '-1e400', '18446744073709551615', '1e-400'])('is refused: %s', async number => {
    const before = await contentsOf(bus.store)
    const headers = { 'content-type': 'application/json' }
    for (const [path, body] of [
      ['/v1/set_state', `{"key":"k","value":${number}}`],
      ['/v1/set_state', `{"key":"k","value":{"deep":[[${number}]]}}`],
      ['/v1/publish', `{"text":"x","data":{"n":${number}}}`],
      ['/v1/inbox', `{"limit":${number}}`],
      [
        '/mcp',
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"set_state","arguments":{"key":"k","value":${number}}}}`,
      ],
    ] as const) {
      const answer = await bus.socket.ask(path, { method: 'POST', credential: bus.user, headers, body })
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 400, 'invalid_input'])
      expect(answer.text).toContain('send it as text')
    }
    expect(await contentsOf(bus.store)).toBe(before)
  })
})
