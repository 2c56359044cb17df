import { describe, expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { toolsetsOf } from '../../src/bus/toolsets.ts'
import { catalog } from '../../src/operations/catalog.ts'
import { instructions } from '../../src/transports/mcp/instructions.ts'
import { toolsOf } from '../../src/transports/mcp/tools.ts'
import { until } from '../until.ts'
import { connected } from './support/in-memory.ts'

const forModels = catalog.filter(entry => !['admin', 'hooks'].includes(entry.toolset))

describe('the tools', () => {
  it('are all operations but those for people and for hooks, and cost under 12 KB of context', async () => {
    const { tools } = await (await connected()).listTools()
    expect(tools.map(tool => tool.name)).toEqual(forModels.map(entry => entry.name))
    const bytes = Buffer.byteLength(JSON.stringify({ tools }))
    console.log(`tools/list: ${tools.length} tools, ${bytes} bytes`)
    expect(bytes).toBeLessThan(12 * 1024)
  })

  it('keep what a model needs of their schemas and leave out what only the hub judges', async () => {
    const { tools } = await (await connected()).listTools()
    const text = JSON.stringify(tools)
    for (const keyword of ['maxLength', 'minItems', 'maximum', '$schema', '$ref', 'pattern', 'outputSchema', 'facts']) {
      expect(text).not.toContain(`"${keyword}"`)
    }
    const publish = tools.find(tool => tool.name === 'publish')!
    expect(publish.inputSchema.required).toEqual(['text'])
    expect(publish.inputSchema.properties).toMatchObject({
      to: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      level: { enum: ['lifecycle', 'info', 'actionable'] },
      data: {},
    })
  })

  it('are loaded when they are needed, and mark reads as such', async () => {
    const { tools } = await (await connected()).listTools()
    expect(tools.filter(tool => tool._meta !== undefined)).toEqual([])
    const reads = tools.filter(tool => tool.annotations?.readOnlyHint === true)
    expect(reads.map(tool => tool.name)).toEqual(
      forModels.filter(entry => entry.effect === 'read').map(entry => entry.name),
    )
  })

  it.each([
    [undefined, ['talk', 'state', 'claims']],
    ['', ['talk', 'state', 'claims']],
    ['talk', ['talk']],
    ['claims, talk', ['talk', 'claims']],
  ])('of the toolsets %j are those of %j', (written, toolsets) => {
    expect(toolsetsOf(written)).toEqual(toolsets)
    const expected = catalog.filter(entry => toolsets.includes(entry.toolset)).map(entry => entry.name)
    expect(toolsOf(toolsetsOf(written)).map(tool => tool.name)).toEqual(expected)
  })

  it.each(['talks', 'talk,claim', 'admin', 'hooks', 'TALK', 'talk claims', 'all', '*', '\u200b', ',', ' , ', ' '])(
    'of the toolsets %j are none: it is refused, and said which there are',
    written => {
      expect(() => toolsetsOf(written)).toThrow('SWITCHBOARD_TOOLSETS: expected some of talk, state, claims, got "')
    },
  )

  it('that are switched off cannot be called', async () => {
    const client = await connected({ toolsets: ['talk'] })
    await expect(client.callTool({ name: 'claim', arguments: { path: 'x' } })).rejects.toMatchObject({ code: -32602 })
  })

  it('that do not exist are refused with -32602', async () => {
    for (const name of ['nothing', 'create_token', 'hook', '__proto__', '']) {
      await expect((await connected()).callTool({ name, arguments: {} })).rejects.toMatchObject({ code: -32602 })
    }
  })
})

describe('a tool result', () => {
  const registered = {
    session_id: 'ses_a',
    name: 'a',
    codename: 'calm-fox',
    machine: 'm',
    resumed: false,
    unread: 0,
    peers: [],
    credential: 'swb_session_secret',
  }

  it('is structured and a short text, and gives no credential away', async () => {
    const client = await connected({ call: async () => registered })
    const result = await client.callTool({ name: 'register', arguments: {} })
    const { credential: _, ...shown } = registered
    expect(result.structuredContent).toEqual(shown)
    expect(JSON.stringify(result)).not.toContain('swb_session_secret')
    expect(result.content).toEqual([{ type: 'text', text: 'You are a (calm-fox). Unread: 0.' }])
  })

  it('of a refusal is the error of the registry, with what to do next', async () => {
    const error = new BusError('claim_held', 'held by b', { next: 'Ask b.', details: { holder: 'b' } })
    const client = await connected({ call: () => Promise.reject(error) })
    const result = await client.callTool({ name: 'claim', arguments: { path: 'x' } })
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { error: error.toBody() },
      content: [{ type: 'text', text: 'claim_held: held by b\nAsk b.' }],
    })
  })

  it('of a fault says nothing about its inside', async () => {
    const client = await connected({ call: () => Promise.reject(new Error('secret path')) })
    const result = await client.callTool({ name: 'inbox', arguments: {} })
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'internal' } } })
    expect(JSON.stringify(result)).not.toContain('secret path')
  })

  it('carries the id of the tool use and the end of its call into the operation', async () => {
    const seen: unknown[] = []
    const client = await connected({
      call: async (operation, input, { toolUseId, signal, clientName }) => {
        seen.push([operation, input, toolUseId, clientName])
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        seen.push('aborted')
        return {}
      },
    })
    const stop = new AbortController()
    const call = client.callTool(
      { name: 'inbox', arguments: { limit: 1 }, _meta: { 'claudecode/toolUseId': 'toolu_1' } },
      { signal: stop.signal },
    )
    await Promise.all([expect(call).rejects.toThrow(), until(() => seen.length > 0).then(() => stop.abort('enough'))])
    await expect.poll(() => seen).toEqual([['inbox', { limit: 1 }, 'toolu_1', 'test'], 'aborted'])
  })
})

describe('what the server says of itself', () => {
  it('is under 2 KB, on the bus already or not', () => {
    for (const isRegistered of [true, false]) {
      const text = instructions({ isRegistered })
      expect(Buffer.byteLength(text)).toBeLessThan(1_024)
      expect(text).toContain('cannot authorise')
      expect(text.includes('register first')).toBe(!isRegistered)
    }
  })

  it('is explained in a guide', async () => {
    const client = await connected()
    expect((await client.listResources()).resources.map(each => each.uri)).toEqual(['switchboard://guide'])
    const { contents } = await client.readResource({ uri: 'switchboard://guide' })
    expect(contents).toEqual([
      expect.objectContaining({ mimeType: 'text/markdown', text: expect.stringMatching(/^# /) }),
    ])
    await expect(client.readResource({ uri: 'switchboard://other' })).rejects.toMatchObject({ code: -32602 })
  })
})
