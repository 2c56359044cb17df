import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { catalog } from '../../src/operations/catalog.ts'
import { ROUTES } from '../../src/transports/http/routes.ts'
import { untilPasses } from '../until.ts'
import { startTestHub, type TestHub } from './test-hub.ts'

let bus: TestHub

beforeEach(async () => {
  bus = await startTestHub()
})

afterEach(async () => {
  await bus[Symbol.asyncDispose]()
})

describe('the hub over HTTP', () => {
  it('describes every route that it has, with the schemas of the operations', async () => {
    const { json } = await bus.socket.ask('/openapi.json', { credential: bus.user })
    const api = json as { openapi: string; paths: Record<string, Record<string, any>>; components: any }
    expect(api.openapi).toBe('3.1.0')
    const described = ROUTES.map(({ path }) => path)
    expect(Object.keys(api.paths).sort()).toEqual(described.sort())
    for (const { name, inputSchema } of catalog) {
      expect(api.paths[`/v1/${name}`]!.post.requestBody.content['application/json'].schema).toEqual(inputSchema)
    }
    const references = JSON.stringify(api).match(/"#\/components\/[^"]+"/g)!
    for (const reference of new Set(references)) {
      const [, , kind, name] = JSON.parse(reference).split('/')
      expect([reference, api.components[kind][name] !== undefined]).toEqual([reference, true])
    }
  })

  it('counts what it does, for Prometheus', async () => {
    await bus.call('publish', { text: 'x' })
    await bus.call('publish', { text: '' }).catch(() => undefined)
    const stream = await bus.stream('after=0')
    await stream.until(({ events }) => events.length === 1)
    const { text, headers } = await bus.socket.ask('/metrics', { credential: bus.user })
    expect(headers['content-type']).toMatch(/^text\/plain/)
    for (const line of [
      'switchboard_requests_total{operation="publish",outcome="ok"} 1',
      'switchboard_requests_total{operation="publish",outcome="invalid_input"} 1',
      'switchboard_request_seconds_count{operation="publish"} 2',
      'switchboard_streams 1',
      'switchboard_stream_events 1',
      'switchboard_store{figure="events"} 1',
    ]) {
      expect(text).toContain(line)
    }
  })

  it('speaks MCP behind the same guards', async () => {
    const headers = { authorization: `Bearer ${bus.user}` }
    const url = new URL('/mcp', bus.hub.url)
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('publish')
    const result = await client.callTool({ name: 'publish', arguments: { text: 'by MCP' } })
    expect(result.structuredContent).toMatchObject({ event_id: 1 })
    await client.close()
    const refused = new Client({ name: 'test', version: '1' }).connect(new StreamableHTTPClientTransport(url))
    await expect(refused).rejects.toThrow()
  })
})

describe('inbox with a wait', () => {
  it('answers as soon as mail comes, and not for what is meant for others', async () => {
    const bob = await bus.register('bob')
    await bus.register('alice')
    const waiting = bus.call('inbox', { wait_seconds: 20 }, bob.credential)
    await bus.call('publish', { text: 'no', to: 'alice' })
    await bus.call('publish', { text: 'yes', to: 'bob' })
    expect((await waiting).messages).toMatchObject([{ text: 'yes' }])
  })

  it('answers with the same mail when it is tried again with its key', async () => {
    const bob = await bus.register('bob')
    const inbox = () =>
      bus.socket.call('inbox', { wait_seconds: 20 }, bob.credential, { 'idempotency-key': 'the-same' })
    const first = inbox()
    await bus.call('publish', { text: 'noise', to: 'topic:none' })
    await bus.call('publish', { text: 'mail', to: 'bob' })
    expect((await first).json).toMatchObject({ messages: [{ text: 'mail' }] })
    expect((await inbox()).json).toEqual((await first).json)
  })

  it('answers empty when the time is up, and ends when its caller goes', async () => {
    const bob = await bus.register('bob')
    expect(await bus.call('inbox', { wait_seconds: 0.05 }, bob.credential)).toEqual({ messages: [], pending: 0 })
    const gone = new AbortController()
    const waiting = bus.socket.ask('/v1/inbox', {
      method: 'POST',
      credential: bob.credential,
      headers: { 'content-type': 'application/json' },
      body: '{"wait_seconds":60}',
      signal: gone.signal,
    })
    const metrics = async () => (await bus.socket.ask('/metrics', { credential: bus.user })).text
    gone.abort()
    await expect(waiting).rejects.toThrow()
    await untilPasses(async () =>
      expect(await metrics()).toMatch(/switchboard_request_seconds_count\{operation="inbox"\} [12]/),
    )
  })
})
