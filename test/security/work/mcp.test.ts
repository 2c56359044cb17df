import { expect, it } from 'vitest'
import { LIMITS } from '../../../src/bus/limits.ts'
import { operationOf } from '../../../src/operations/index.ts'
import { hasManyFields, plainMessage } from '../../../src/transports/mcp/client-ways.ts'
import { toolResult } from '../../../src/transports/mcp/results.ts'
import { openWorld } from '../../operations/world.ts'

const object = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`field ${n}`, 0]))
const call = (params: object, more: object = {}) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params, ...more })

it.each([
  ['the arguments', call({ name: 'whoami', arguments: object(2_000) })],
  ['arguments as text', call({ name: 'whoami', arguments: JSON.stringify(object(2_000)) })],
  ['the params', call({ name: 'whoami', ...object(2_000) })],
  ['the meta data', call({ name: 'whoami', _meta: object(2_000) })],
  ['a list in the meta data', call({ name: 'whoami', _meta: { a: Array.from({ length: 2_000 }, () => 0) } })],
  ['meta data that looks like arguments', call({ name: 'whoami', _meta: { arguments: { a: object(2_000) } } })],
  ['capabilities', call({ capabilities: { experimental: object(2_000) } }, { method: 'initialize' })],
  ['an answer', { jsonrpc: '2.0', id: 1, result: object(2_000) }],
])('a message with very many fields in %s is refused before the SDK looks at it', (_, message) => {
  expect(hasManyFields(plainMessage(message))).toBe(true)
})

it('what a tool is given may have many fields', () => {
  const message = call({ name: 'set_state', arguments: { key: 'k', value: object(20_000) } })
  expect(hasManyFields(plainMessage(message))).toBe(false)
})

it.each(['a', '<', '\uff1c', '\u200d', '\u202e', '\u{1f600}', '"', '\n'])(
  'a page of %j is shown with a bounded length',
  async filler => {
    const world = await openWorld()
    // One in which nothing is seen is refused.
    const text = `a${filler.repeat((LIMITS.textChars - filler.length) / filler.length)}`
    for (let n = 0; n < 40; n++) await world.operator('publish', { text, to: 'all' })
    const page = await world.operator('get_events', { limit: LIMITS.pageEvents })
    expect(operationOf('get_events')!.output.safeParse(page).success).toBe(true)
    const shown = JSON.stringify(toolResult('get_events', page, false))
    // Shown as data and as text, each of whose characters becomes six at most.
    expect(shown.length).toBeLessThan(12 * LIMITS.pageChars)
    expect(shown.length).toBeLessThan(3 * 1024 * 1024)
  },
)
