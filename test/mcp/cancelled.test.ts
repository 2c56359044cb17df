import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'
import { httpClient } from './support/http-client.ts'
import { INITIALIZE } from './support/session-process.ts'

let bus: TestHub

beforeEach(async () => {
  const begun = await startTestHub()
  bus = begun
  onTestFinished(() => begun[Symbol.asyncDispose]())
})

const call = (id: unknown, name: string, input: object = {}) => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call' },
  params: { name, arguments: input },
})
const waiting = (id: unknown) => call(id, 'inbox', { wait_seconds: 100 })
const cancel = (requestId: unknown) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })

/** A registered MCP session, by hand: what the hub writes to each request is seen, and when it ends. */
async function session() {
  let sessionId: string | undefined
  const post = async (body: unknown) => {
    const response = await fetch(new URL('/mcp', bus.hub.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bus.user}`,
        'content-type': 'application/json',
        ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
      },
      body: JSON.stringify(body),
    })
    return { status: response.status, id: response.headers.get('mcp-session-id'), text: response.text() }
  }
  const { id, text } = await post({ jsonrpc: '2.0', ...INITIALIZE })
  await text
  sessionId = id!
  await (await post(call('register', 'register', { name: 'worker' }))).text
  return { post }
}

describe('the answer to a request over HTTP that its client has cancelled ends', () => {
  it('without a word, for calls that wait, with ids of each kind', async () => {
    const { post } = await session()
    for (const id of [0, 1, '1', 'é', '']) {
      const { text } = await post(waiting(id))
      expect(await (await post(cancel(id))).text).toBe('')
      expect(await text).toBe('')
    }
  })

  it('for each kind of request and at each moment, answered before or not', async () => {
    const { post } = await session()
    const requests = [
      { method: 'ping' },
      { method: 'tools/list' },
      { method: 'resources/list' },
      { method: 'resources/read', params: { uri: 'nothing' } },
      { method: 'there/is/none' },
      { method: 'tools/call', params: { name: 'whoami', arguments: {} } },
      { method: 'tools/call', params: { name: 'inbox', arguments: { wait_seconds: 100 } } },
    ]
    const answers: Promise<unknown>[] = []
    for (const [n, request] of requests.entries()) {
      const sent = post({ jsonrpc: '2.0', id: n, ...request })
      answers.push(sent.then(({ text }) => text))
      // Once at the same moment, when it may come first and mean nothing yet, and once when the answer has begun.
      await post(cancel(n))
      await sent
      await post(cancel(n))
      await post(cancel(n))
    }
    expect(await Promise.all(answers)).toHaveLength(requests.length)
  })

  it('and the id may be used again, while that of a call in progress may not', async () => {
    const { post } = await session()
    const first = await post(waiting(1))
    const second = await post(waiting(1))
    expect([second.status, JSON.parse(await second.text)]).toMatchObject([400, { error: { code: -32600 } }])
    await post(cancel(1))
    expect(await first.text).toBe('')
    expect(await (await post(call(1, 'whoami'))).text).toContain('"worker"')
  })
})

it('an official client may cancel more calls than it may have at once', async () => {
  const { token } = await bus.call('create_token', { name: 'laptop' })
  const { client, tool } = await httpClient(bus.hub.url, token, 'sessions')
  await tool('register', { name: 'worker' })
  for (let round = 0; round < 6; round++) {
    const stops = Array.from({ length: 60 }, () => new AbortController())
    const calls = stops.map(({ signal }) =>
      client.callTool({ name: 'inbox', arguments: { wait_seconds: 100 } }, { signal }),
    )
    const ends = Promise.allSettled(calls)
    // Answered after those before it have come.
    await tool('whoami')
    for (const stop of stops) stop.abort()
    await ends
  }
  await expect.poll(async () => (await tool('whoami').catch(String)).name).toBe('worker')
})
