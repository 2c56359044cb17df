import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'
import { until } from '../until.ts'
import { type Era, httpClient } from './support/http-client.ts'

async function testHub(): Promise<TestHub> {
  const hub = await startTestHub()
  onTestFinished(() => hub[Symbol.asyncDispose]())
  return hub
}

const ERAS: Era[] = ['sessions', 'stateless']

describe.each(ERAS)('an MCP client over HTTP, era of %s', era => {
  it('negotiates that era and sees tools, instructions and the guide', async () => {
    const { hub, user } = await testHub()
    const { client } = await httpClient(hub.url, user, era)
    expect(client.getProtocolEra()).toBe(era === 'sessions' ? 'legacy' : 'modern')
    expect((await client.listTools()).tools.map(tool => tool.name)).toContain('publish')
    expect(client.getInstructions()).toMatch(/register first/)
    const { contents } = await client.readResource({ uri: 'switchboard://guide' })
    expect(contents[0]).toMatchObject({ mimeType: 'text/markdown' })
  })

  it('acts as the session whose credential it has', async () => {
    const test = await testHub()
    const [a, b] = await Promise.all([test.register('a'), test.register('b')])
    const one = await httpClient(test.hub.url, a.credential, era)
    const two = await httpClient(test.hub.url, b.credential, era)
    const { event_id } = await one.tool('publish', { to: 'b', text: 'hello' })
    expect((await two.tool('inbox', { wait_seconds: 5 })).messages).toMatchObject([{ id: event_id, from: 'a' }])
    expect((await one.tool('inbox')).messages).toEqual([])
    expect(await one.tool('whoami')).toMatchObject({ id: a.session_id })
  })

  it('gets refusals as results and an unknown tool as -32602', async () => {
    const { hub, user } = await testHub()
    const { client, tool } = await httpClient(hub.url, user, era)
    expect(await tool('publish', { text: '' })).toMatchObject({ isError: true, error: { code: 'invalid_input' } })
    await expect(client.callTool({ name: 'create_token', arguments: {} })).rejects.toMatchObject({ code: -32602 })
  })

  it('never gets the answer of another, however their requests interleave', async () => {
    const test = await testHub()
    const clients = await Promise.all(
      ['a', 'b', 'c'].map(async name => {
        const { credential } = await test.register(name)
        return { name, ...(await httpClient(test.hub.url, credential, era)) }
      }),
    )
    // The official client counts its request ids from 0, so the ids of all three are the same.
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { name, tool } = clients[i % 3]!
        const [who, entry] = await Promise.all([
          tool('whoami'),
          tool('set_state', { key: `${name}/${i}`, value: `${name} ${i}` }),
        ])
        expect([who.name, entry.value]).toEqual([name, `${name} ${i}`])
      }),
    )
  })

  it('without a known credential gets nothing', async () => {
    const { hub } = await testHub()
    await expect(httpClient(hub.url, 'swb_user_wrong', era)).rejects.toThrow()
  })
})

describe('registering over HTTP', () => {
  it('binds an MCP session of the older era to the new bus session, and gives no credential away', async () => {
    const { hub, user } = await testHub()
    const one = await httpClient(hub.url, user, 'sessions')
    const two = await httpClient(hub.url, user, 'sessions')
    const registered = await one.tool('register', { name: 'one' })
    expect(registered).not.toHaveProperty('credential')
    await two.tool('register', { name: 'two' })
    expect(await one.tool('whoami')).toMatchObject({ id: registered.session_id, agent: 'test-sessions' })
    await one.tool('publish', { to: 'two', text: 'hi' })
    expect((await two.tool('inbox')).messages).toMatchObject([{ from: 'one', trust: 'peer' }])
    expect(await one.tool('register', { role: 'dev' })).toMatchObject({
      session_id: registered.session_id,
      role: 'dev',
    })
    await one.tool('unregister')
    expect(await one.tool('inbox')).toMatchObject({ isError: true, error: { code: 'session_ended' } })
    expect(await one.tool('register')).toMatchObject({ session_id: registered.session_id, resumed: true })
  })

  it('gives the credential in the newer era, because nothing else can carry it', async () => {
    const { hub, user } = await testHub()
    const operator = await httpClient(hub.url, user, 'stateless')
    const { credential, session_id } = await operator.tool('register', { name: 'one' })
    expect(await operator.tool('whoami')).toMatchObject({ id: 'operator' })
    const one = await httpClient(hub.url, credential, 'stateless')
    expect(await one.tool('whoami')).toMatchObject({ id: session_id })
  })
})

describe('an Mcp-Session-Id', () => {
  const headers = (credential: string, more = {}) => ({
    authorization: `Bearer ${credential}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
    ...more,
  })
  const whoami = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami' } })

  it('that belongs to another caller is unknown, for every method, and stays unharmed', async () => {
    const test = await testHub()
    const [a, b] = await Promise.all([test.register('a'), test.register('b')])
    const one = await httpClient(test.hub.url, a.credential, 'sessions')
    const foreign = headers(b.credential, { 'mcp-session-id': one.transport.sessionId })
    const url = `${test.hub.url}/mcp`
    for (const init of [{ method: 'POST', body: whoami }, { method: 'GET' }, { method: 'DELETE' }]) {
      const answer = await fetch(url, { ...init, headers: foreign })
      expect([init.method, answer.status]).toEqual([init.method, 404])
      await answer.body?.cancel()
    }
    expect(await one.tool('whoami')).toMatchObject({ name: 'a' })
  })

  it('that never was, or was deleted, is unknown', async () => {
    const test = await testHub()
    const one = await httpClient(test.hub.url, test.user, 'sessions')
    const id = one.transport.sessionId!
    const url = `${test.hub.url}/mcp`
    const post = (sessionId: string) =>
      fetch(url, { method: 'POST', headers: headers(test.user, { 'mcp-session-id': sessionId }), body: whoami })
    expect((await post('never')).status).toBe(404)
    expect((await post(id)).status).toBe(200)
    await one.transport.terminateSession()
    expect((await post(id)).status).toBe(404)
  })

  it('is needed for everything but a beginning', async () => {
    const test = await testHub()
    const answer = await fetch(`${test.hub.url}/mcp`, { method: 'POST', headers: headers(test.user), body: whoami })
    expect(answer.status).toBe(400)
  })
})

it('a client that goes away while it waits for mail leaves the mail unread', async () => {
  const test = await testHub()
  const a = await test.register('a')
  const wait = vi.spyOn(test.hub.bus, 'nextEvent')
  for (const era of ERAS) {
    const { client } = await httpClient(test.hub.url, a.credential, era)
    const stop = new AbortController()
    const waiting = client.callTool({ name: 'inbox', arguments: { wait_seconds: 30 } }, { signal: stop.signal })
    waiting.catch(() => undefined)
    await until(() => wait.mock.results.length > 0)
    stop.abort('gone')
    await client.close()
    expect(await wait.mock.results[0]!.value, 'the hub has stopped waiting, without mail').toBe(false)
    wait.mockClear()
    await test.call('publish', { to: 'a', text: `for ${era}` })
    const { messages } = await test.call('inbox', {}, a.credential)
    expect(messages).toMatchObject([{ text: `for ${era}` }])
    expect(messages[0].repeat).toBeUndefined()
  }
})
