import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Server } from '@modelcontextprotocol/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FOR_MODELS } from '../../src/bus/toolsets.ts'
import type { JsonSchema } from '../../src/operations/catalog.ts'
import { operations } from '../../src/operations/index.ts'
import { plainMessage, withJsonRead } from '../../src/transports/mcp/client-ways.ts'
import { serveStdio } from '../../src/transports/mcp/stdio.ts'
import { toolsOf } from '../../src/transports/mcp/tools.ts'
import { testHome } from '../client/support/home.ts'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'
import { bareSession, INITIALIZE } from './support/session-process.ts'

const tools = toolsOf(FOR_MODELS)

/** Every schema within one, with the way there. */
function* within(schema: unknown, path = ''): Generator<{ path: string; schema: Record<string, unknown> }> {
  if (Array.isArray(schema)) {
    for (const [i, each] of schema.entries()) yield* within(each, `${path}/${i}`)
    return
  }
  const { properties, items, anyOf } = schema as Record<string, unknown>
  yield { path, schema: schema as Record<string, unknown> }
  for (const [name, each] of Object.entries(properties ?? {})) yield* within(each, `${path}/${name}`)
  if (items !== undefined) yield* within(items, `${path}/items`)
  if (anyOf !== undefined) yield* within(anyOf, `${path}/anyOf`)
}

describe.each(tools)('the schema of $name', tool => {
  const inputSchema = tool.inputSchema as JsonSchema

  it('says of each value what it may be, and of each list what its items may be', () => {
    for (const { path, schema } of within(inputSchema)) {
      expect([path, Object.keys(schema).some(key => key === 'type' || key === 'anyOf')]).toEqual([path, true])
      if (schema.type === 'array') expect([path, schema.items]).toEqual([path, expect.any(Object)])
    }
  })

  it('has its lists and objects read from JSON text, and all else left as it is', () => {
    for (const [name, schema] of Object.entries(inputSchema.properties ?? {}) as [string, JsonSchema][]) {
      const kinds = (schema.anyOf as JsonSchema[] | undefined)?.map(({ type }) => type) ?? [schema.type]
      for (const value of [['a', 1], { a: [1] }, 'text', 7, null, '{"broken', '[1e400]']) {
        const kind = Array.isArray(value) ? 'array' : typeof value
        const isSame =
          typeof value === 'object' && kinds.includes(kind) && kinds.every(each => each === kind || each === 'string')
        const written = typeof value === 'string' ? value : JSON.stringify(value)
        expect(withJsonRead({ [name]: written }, inputSchema)).toEqual({ [name]: isSame ? value : written })
        expect(withJsonRead({ [name]: value }, inputSchema)).toEqual({ [name]: value })
      }
    }
  })
})

it('there are fields of each kind among them', () => {
  const kinds = tools.flatMap(tool => Object.values(tool.inputSchema.properties ?? {}) as { type?: string }[])
  expect(kinds.some(({ type }) => type === 'array')).toBe(true)
  expect(operations.length).toBeGreaterThan(tools.length)
})

const call = (id: number | string, name: string, input: unknown) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: input },
})

describe('a message without what is null in its frame', () => {
  const message = (params: unknown) => ({ id: 1, method: 'tools/call', params })

  it.each([
    [null, undefined],
    [{ name: 'x', arguments: null }, { name: 'x' }],
    [{ name: 'x', _meta: null }, { name: 'x' }],
    [
      { name: 'x', arguments: '{}' },
      { name: 'x', arguments: {} },
    ],
    [
      { name: 'x', arguments: '{"to":"[1]"}', _meta: {} },
      { name: 'x', arguments: { to: '[1]' }, _meta: {} },
    ],
    [
      { name: 'x', arguments: '[]' },
      { name: 'x', arguments: '[]' },
    ],
    [
      { name: 'x', arguments: '{"n":1e400}' },
      { name: 'x', arguments: '{"n":1e400}' },
    ],
    [{ name: 'x', arguments: [], _meta: [] }, { name: 'x' }],
    [[], undefined],
    [{ cursor: null, task: null }, {}],
    [{ _meta: { progressToken: 1.5, more: { a: null, b: 1 } } }, { _meta: { more: { b: 1 } } }],
    [
      { capabilities: [], clientInfo: { name: 'c', title: null } },
      { capabilities: {}, clientInfo: { name: 'c' } },
    ],
    // What a null would mean there is not for a door to decide.
    [{ arguments: { to: null, expected_version: null } }, { arguments: { to: null, expected_version: null } }],
  ])('%j', (params, plain) => {
    expect(plainMessage(message(params))).toEqual(
      plain === undefined ? { id: 1, method: 'tools/call' } : message(plain),
    )
  })
})

it('a message has no members but its own, and one that is not to be answered has no id', () => {
  const plain = { jsonrpc: '2.0', id: 1, method: 'ping' }
  expect(plainMessage({ ...plain, result: null, error: null, type: 'request' })).toEqual(plain)
  expect(plainMessage({ jsonrpc: '2.0', id: 1, result: {}, error: null })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {},
  })
  const notice = { jsonrpc: '2.0', method: 'notifications/initialized' }
  expect(plainMessage({ ...notice, id: null, params: [] })).toEqual(notice)
  expect(plainMessage({ ...plain, id: null })).toEqual({ ...plain, id: null })
})

describe('at the end of the input', () => {
  function served(lastAnswersMs: number) {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const server = new Server({ name: 't', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/call', () => new Promise<never>(() => undefined))
    server.onclose = () => output.end()
    const answers = text(output).then(all =>
      all
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    )
    return { input, answers, serving: serveStdio(server, { input, output, lastAnswersMs }) }
  }

  it.each(['\n', '\r\n', ''])('a last line that ends with %j is read', async end => {
    const { input, answers, serving } = served(10_000)
    await serving
    input.end(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' }) + end)
    expect(await answers).toEqual([{ jsonrpc: '2.0', id: 7, result: {} }])
  })

  it.each(['\ufeff', '\r\n'])('a first line behind %j is read', async before => {
    const { input, answers, serving } = served(10_000)
    await serving
    input.end(`${before}${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })}`)
    expect(await answers).toEqual([{ jsonrpc: '2.0', id: 7, result: {} }])
  })

  it('a call with the id of one that still waits is refused, so that each is answered once', async () => {
    const { input, answers, serving } = served(1)
    await serving
    for (const id of [1, '1', 1]) input.write(`${JSON.stringify({ jsonrpc: '2.0', ...call(id, 'inbox', {}) })}\n`)
    input.end()
    expect(await answers).toMatchObject([
      { id: 1, error: { code: -32600 } },
      { id: 1, error: { code: -32000 } },
      { id: '1', error: { code: -32000 } },
    ])
  })

  it('each call that still waits is answered, unless it was cancelled', async () => {
    const { input, answers, serving } = served(1)
    await serving
    for (const id of [1, 'two', 3]) input.write(`${JSON.stringify({ jsonrpc: '2.0', ...call(id, 'inbox', {}) })}\n`)
    input.end(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } }))
    expect(await answers).toMatchObject([1, 'two'].map(id => ({ id, error: { code: -32000 } })))
  })
})

describe('a client on stdio', () => {
  it('may say null for no params and no arguments', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    bare.send({ method: 'notifications/initialized', params: null })
    bare.send({ id: 1, method: 'tools/list', params: null })
    bare.send(call(2, 'list_channels', null))
    await expect.poll(() => bare.answers.length).toBe(3)
    expect(bare.answers.map(each => [each.id, 'result' in each])).toEqual(
      expect.arrayContaining([
        ['init', true],
        [1, true],
        [2, true],
      ]),
    )
  })

  it('gets an answer to each call that came before the end of its input', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    bare.send({ method: 'notifications/initialized' })
    for (let id = 1; id <= 5; id++) bare.send(call(id, 'set_state', { key: `k${id}`, value: { id } }))
    bare.child.stdin.end()
    expect(await bare.exited).toMatchObject({ code: 0 })
    expect(bare.answers.map(({ id }) => id)).toEqual(expect.arrayContaining(['init', 1, 2, 3, 4, 5]))
    for (const answer of bare.answers) expect(answer).toHaveProperty('result')
  })

  it('that has cancelled its call does not keep the process past the end', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    bare.send({ method: 'notifications/initialized' })
    bare.send(call(1, 'inbox', { wait_seconds: 100 }))
    bare.send({ method: 'notifications/cancelled', params: { requestId: 1 } })
    bare.child.stdin.end()
    expect(await bare.exited).toMatchObject({ code: 0 })
  })

  it('is offered no revision with batches, and told so where it sends one', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send({ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: '2025-03-26' } })
    await bare.write(`[${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })}]\n`)
    await expect.poll(() => bare.answers.length).toBe(2)
    expect(bare.answers.find(({ id }) => id === 'init')).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
    expect(bare.answers.find(({ id }) => id === null)).toMatchObject({ error: { code: -32600 } })
  })
})

describe('a client over HTTP', () => {
  async function testHub(): Promise<TestHub> {
    const hub = await startTestHub()
    onTestFinished(() => hub[Symbol.asyncDispose]())
    return hub
  }

  async function post({ hub, user }: TestHub, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(new URL('/mcp', hub.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${user}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    const json = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? (text === '' ? 'null' : text))
    return { status: response.status, json, id: response.headers.get('mcp-session-id') ?? '' }
  }

  const first = { jsonrpc: '2.0', ...INITIALIZE }

  it('may write what it accepts in each way that HTTP has, and is refused where it does not take both types', async () => {
    const hub = await testHub()
    for (const accept of [
      '*/*',
      'text/html, */*;q=0.8',
      'application/json, text/event-stream',
      'Application/JSON, Text/Event-Stream;q=0.9',
      'application/json,text/*',
      'application/*, text/event-stream',
      'TEXT/*;q=1 , application/*',
    ]) {
      const answer = await post(hub, first, { accept })
      expect([accept, answer]).toMatchObject([accept, { status: 200, json: { id: 'init' } }])
    }
    for (const accept of ['application/*', 'application/json', 'text/*', 'text/html']) {
      expect([accept, (await post(hub, first, { accept })).status]).toEqual([accept, 406])
    }
  })

  it('may open its stream with a range of types', async () => {
    const hub = await testHub()
    const { id } = await post(hub, first)
    const headers = { authorization: `Bearer ${hub.user}`, 'mcp-session-id': id, accept: 'Text/*' }
    const stop = new AbortController()
    const response = await fetch(new URL('/mcp', hub.hub.url), { headers, signal: stop.signal })
    stop.abort()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  })

  it('may name the revision with batches in a header, though another one was agreed to', async () => {
    const hub = await testHub()
    const { id } = await post(hub, first)
    const more = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-03-26' }
    expect(await post(hub, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, more)).toMatchObject({ status: 200 })
  })

  it('may say null for no params and no arguments', async () => {
    const hub = await testHub()
    const { id } = await post(hub, first)
    const more = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
    await post(hub, { jsonrpc: '2.0', method: 'notifications/initialized', params: null }, more)
    expect(await post(hub, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: null }, more)).toMatchObject({
      json: { id: 1, result: { tools: expect.any(Array) } },
    })
    expect(await post(hub, { jsonrpc: '2.0', ...call(2, 'list_channels', null) }, more)).toMatchObject({
      json: { id: 2, result: { structuredContent: { channels: expect.any(Array) } } },
    })
  })

  /** Each place in a value, with a null and with `[]` there. */
  function* emptied(value: object): Generator<object> {
    for (const [name, each] of Object.entries(value)) {
      yield { ...value, [name]: null }
      yield { ...value, [name]: [] }
      if (!Array.isArray(each) && typeof each === 'object')
        for (const inner of emptied(each)) yield { ...value, [name]: inner }
    }
  }

  it('may say null, or an empty list, for whatever it may leave out', async () => {
    const hub = await testHub()
    const { protocolVersion } = INITIALIZE.params
    const more = { title: 't', websiteUrl: 'https://x', icons: [{ src: 'https://x', sizes: ['any'] }] }
    const free = {
      _meta: { progressToken: 1, other: {} },
      capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {} }, experimental: { x: {} } },
    }
    for (const params of emptied(free)) {
      const clientInfo = { ...INITIALIZE.params.clientInfo }
      const answer = await post(hub, { ...first, params: { protocolVersion, capabilities: {}, ...params, clientInfo } })
      expect([params, answer]).toMatchObject([params, { json: { result: { protocolVersion } } }])
    }
    for (const named of emptied(more)) {
      const clientInfo = { ...INITIALIZE.params.clientInfo, ...named }
      const answer = await post(hub, { ...first, params: { ...INITIALIZE.params, clientInfo } })
      expect([named, answer.status]).toEqual([named, 200])
    }
    const { id } = await post(hub, first)
    const headers = { 'mcp-session-id': id, 'mcp-protocol-version': protocolVersion }
    for (const params of emptied({ cursor: 'x', _meta: free._meta })) {
      const answer = await post(hub, { jsonrpc: '2.0', id: 1, method: 'tools/list', params }, headers)
      expect([params, answer]).toMatchObject([params, { json: { result: { tools: expect.any(Array) } } }])
    }
    for (const given of emptied({ arguments: {}, task: {}, _meta: free._meta })) {
      const params = {
        name: 'list_channels',
        ...given,
        ...('task' in given && given.task !== null ? { task: [] } : {}),
      }
      const answer = await post(hub, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, headers)
      expect([params, answer]).toMatchObject([params, { json: { result: { structuredContent: { channels: [] } } } }])
    }
  })

  it('is told what an introduction needs', async () => {
    const hub = await testHub()
    for (const params of [undefined, {}, { ...INITIALIZE.params, clientInfo: { name: 'x' } }, { protocolVersion: 1 }]) {
      const answer = await post(hub, { ...first, params })
      expect(answer).toMatchObject({
        status: 400,
        json: { error: { code: -32602, message: expect.stringContaining('clientInfo') } },
      })
    }
  })

  it('gets an object back that it sent as a value, and one that it sent as JSON text where a list is due', async () => {
    const hub = await testHub()
    const { id } = await post(hub, first)
    const more = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
    const set = call(1, 'set_state', { key: 'k', value: { a: ['b'] } })
    expect(await post(hub, { jsonrpc: '2.0', ...set }, more)).toMatchObject({
      json: { result: { structuredContent: { value: { a: ['b'] } } } },
    })
    const publish = call(2, 'publish', { text: 'x', tags: '["one","two"]' })
    await post(hub, { jsonrpc: '2.0', ...publish }, more)
    const named = call(4, 'publish', { text: 'y', to: '["topic:a","topic:b"]' })
    expect(await post(hub, { jsonrpc: '2.0', ...named }, more)).toMatchObject({
      json: { result: { structuredContent: { event_id: expect.any(Number) } } },
    })
    const read = call(3, 'get_events', { types: '["message"]' })
    expect(await post(hub, { jsonrpc: '2.0', ...read }, more)).toMatchObject({
      json: { result: { structuredContent: { events: [{ text: 'y' }, { tags: ['one', 'two'] }] } } },
    })
  })

  it('is answered at once where it sends a batch, of which a call was cancelled or not', async () => {
    const hub = await testHub()
    const { id } = await post(hub, first)
    const more = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
    const batch = [
      { jsonrpc: '2.0', ...call(1, 'inbox', { wait_seconds: 100 }) },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    ]
    expect(await post(hub, batch, more)).toMatchObject({ status: 400, json: { error: { code: -32600 } } })
    expect(await post(hub, [{ ...first, id: 9 }])).toMatchObject({ status: 400 })
  })
})
