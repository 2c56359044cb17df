import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startTestHub, type TestHub, tempHome } from '../hub/test-hub.ts'
import { httpClient } from './support/http-client.ts'

let bus: TestHub
let token: string

async function begin(options: Parameters<typeof startTestHub>[0] = {}): Promise<void> {
  const begun = await startTestHub(options)
  bus = begun
  onTestFinished(() => begun[Symbol.asyncDispose]())
}

beforeEach(async () => {
  await begin()
  token = (await bus.call('create_token', { name: 'laptop' })).token
})

/** A client whose stream is open, so that the hub sees when it goes. */
async function join(name: string, credential = token, more: object = {}) {
  const { client, transport, tool, streaming } = await httpClient(bus.hub.url, credential, 'sessions')
  const me = await tool('register', { name, ...more })
  await streaming
  return { client, transport, tool, me, id: me.session_id as string }
}

const mailOf = async ({ tool }: Pick<Awaited<ReturnType<typeof join>>, 'tool'>) =>
  (await tool('inbox')).messages.map(({ text }: { text: string }) => text)

describe('an MCP client that comes back over HTTP with the same token and name is the same session', () => {
  it('after it closed its connection: with its mail and its claims', async () => {
    const before = await join('worker')
    await before.tool('claim', { path: '/srv/x.ts' })
    await before.client.close()
    await bus.call('publish', { text: 'in between', to: 'worker' })
    const after = await join('worker')
    expect(after.me).toMatchObject({ session_id: before.id, name: 'worker', resumed: true })
    expect(await mailOf(after)).toEqual(['in between'])
    expect((await bus.call('list_claims')).claims).toMatchObject([{ session: 'worker' }])
    await after.tool('release', { path: '/srv/x.ts' })
    await bus.call('publish', { text: 'afterwards', to: 'worker' })
    expect(await mailOf(after)).toEqual(['afterwards'])
  })

  it('after it ended its MCP session', async () => {
    const before = await join('worker')
    await before.transport.terminateSession()
    expect((await join('worker')).id).toBe(before.id)
  })

  it('after it was killed', async () => {
    const program = `
      import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
      const [url, token] = process.argv.slice(1)
      const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
        requestInit: { headers: { authorization: 'Bearer ' + token } },
        async fetch(input, init) {
          const response = await fetch(input, init)
          if (init.method === 'GET') console.log('streaming')
          return response
        },
      })
      const client = new Client({ name: 'killed', version: '1' }, { versionNegotiation: { mode: 'legacy' } })
      await client.connect(transport)
      const { structuredContent } = await client.callTool({ name: 'register', arguments: { name: 'worker' } })
      console.log(structuredContent.session_id)
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, bus.hub.url, token])
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines: string[] = []
    for await (const line of createInterface(child.stdout)) if (lines.push(line) === 2) break
    child.kill('SIGKILL')
    await once(child, 'exit')
    await bus.call('publish', { text: 'in between', to: 'worker' })
    const after = await join('worker')
    expect(lines).toContain(after.id)
    expect(await mailOf(after)).toEqual(['in between'])
  })

  it('after the hub was started anew', async () => {
    const home = await tempHome()
    onTestFinished(() => home[Symbol.asyncDispose]())
    await begin({ store: 'sqlite', home })
    token = (await bus.call('create_token', { name: 'desktop' })).token
    const before = await join('worker')
    await bus.call('publish', { text: 'before it', to: 'worker' })
    await bus[Symbol.asyncDispose]()
    await begin({ store: 'sqlite', home })
    await bus.call('publish', { text: 'after it', to: 'worker' })
    const after = await join('worker')
    expect(after.id).toBe(before.id)
    expect(await mailOf(after)).toEqual(['before it', 'after it'])
  })

  it.each([
    ['with its name', {}],
    ['with a client id of its own', { client_id: 'mine' }],
  ])('%s, and gets again what it was given and has not shown that it read', async (_, more) => {
    const before = await join('worker', token, more)
    for (const text of ['read', 'perhaps lost']) {
      await bus.call('publish', { text, to: 'worker' })
      expect(await mailOf(before)).toEqual([text])
    }
    await before.client.close()
    const after = await join('worker', token, more)
    expect(after.id).toBe(before.id)
    expect(await mailOf(after)).toEqual(['perhaps lost'])
    expect(await mailOf(after)).toEqual([])
  })

  it('also where it tries the same call again on another connection', async () => {
    const again = async () => {
      const { client, streaming } = await httpClient(bus.hub.url, token, 'sessions')
      const call = { name: 'register', arguments: { name: 'worker' }, _meta: { 'claudecode/toolUseId': 'toolu_1' } }
      const { structuredContent } = await client.callTool(call)
      await streaming
      await client.close()
      return structuredContent as { session_id: string; name: string }
    }
    const first = await again()
    expect(await again()).toMatchObject({ session_id: first.session_id, name: 'worker' })
  })

  it('after it left by itself', async () => {
    const before = await join('worker')
    await before.tool('unregister')
    await before.client.close()
    expect((await join('worker')).me).toMatchObject({ session_id: before.id, resumed: true })
  })

  it('also where the name was taken by somebody else, before or meanwhile', async () => {
    await bus.register('worker', { client_id: 'interactive' })
    const before = await join('worker')
    expect(before.me.name).toBe('worker-2')
    await before.client.close()
    const again = await join('worker')
    expect(again.me).toMatchObject({ session_id: before.id, name: 'worker-2' })
    const other = await join('other')
    await other.tool('unregister')
    await other.client.close()
    await bus.register('other', { client_id: 'another' })
    expect((await join('other')).me).toMatchObject({ session_id: other.id, name: 'other-2' })
  })

  it.each(['that it was given', 'that it took later', 'that it first asked for'])('with the name %s', async which => {
    await bus.register('worker', { client_id: 'interactive' })
    const first = await join('worker')
    expect(first.me).toMatchObject({ name: 'worker-2', note: expect.stringContaining('registers as worker-2') })
    const names = ['worker-2', 'builder', 'worker']
    if (which !== 'that it was given') await first.tool('register', { name: 'builder' })
    await first.client.close()
    const name = which === 'that it was given' ? names[0]! : which === 'that it took later' ? names[1]! : names[2]!
    await bus.call('publish', { text: 'for it', to: first.id })
    // Twice: coming back by one name takes no other away from it.
    for (let time = 0; time < 2; time++) {
      const back = await join(name)
      expect(back.id).toBe(first.id)
      if (time === 0) expect(await mailOf(back)).toEqual(['for it'])
      await back.client.close()
    }
    expect((await join('worker')).id).toBe(first.id)
  })

  it('with the name that it was given because another client had its own', async () => {
    const first = await join('worker')
    const second = await join('worker')
    expect(second.me.name).toBe('worker-2')
    await second.client.close()
    const back = await join('worker-2')
    expect(back.id).toBe(second.id)
    expect((await first.tool('whoami')).name).toBe('worker')
  })

  it('also with the credential of the operator', async () => {
    const before = await join('worker', bus.user)
    await before.client.close()
    expect((await join('worker', bus.user)).id).toBe(before.id)
  })
})

describe('an MCP client over HTTP does not become', () => {
  const MINE = { name: 'worker', client_id: 'mine' }

  it('the session of a client that is connected: it gets a name of its own, and is told', async () => {
    const first = await join('worker')
    const second = await join('worker')
    expect(second.me).toMatchObject({ name: 'worker-2', resumed: false })
    expect(second.me.note).toContain('registers as worker-2')
    await bus.call('publish', { text: 'for the first', to: 'worker' })
    expect(await mailOf(second)).toEqual([])
    expect(await mailOf(first)).toEqual(['for the first'])
    await second.client.close()
    await first.client.close()
    expect((await join('worker')).id).toBe(first.id)
  })

  it.each([
    ['by a client id', MINE, MINE],
    ['by a client id and another name', { name: 'worker', client_id: 'mine' }, { name: 'x', client_id: 'mine' }],
    ['by the client id of a name', { name: 'worker' }, { name: 'x', client_id: 'name:worker' }],
    ['by a client id of before', { client_id: 'mine' }, { client_id: 'new', facts: { known_as: ['mine'] } }],
    ['by its present name', { name: 'all' }, { name: 'all-1' }],
  ])('that of a client that is connected, %s', async (_, one: object, other: object) => {
    const [first, second] = [await join('x', token, one), await join('x', token, other)]
    expect(second.me).toMatchObject({ resumed: false, session_id: expect.not.stringMatching(first.id) })
    if (other === MINE) expect(second.me.note).toContain('client_id')
    expect((await first.tool('whoami')).id).toBe(first.id)
    await bus.call('publish', { text: 'for the first', to: first.id })
    expect(await mailOf(second)).toEqual([])
    expect(await mailOf(first)).toEqual(['for the first'])
  })

  it('the session of a process that has a stream open', async () => {
    const { credential, session_id } = await bus.register('worker', { client_id: 'interactive' }, token)
    const stream = await bus.stream('attach=1', { credential })
    onTestFinished(() => stream.close())
    expect((await join('x', token, { client_id: 'interactive' })).id).not.toBe(session_id)
  })

  it.each([{ name: 'worker' }, { name: 'worker', client_id: 'mine' }])(
    'that of one that registers at the same moment: %o',
    async how => {
      const clients = await Promise.all(Array.from({ length: 5 }, () => httpClient(bus.hub.url, token, 'sessions')))
      const joined = await Promise.all(clients.map(({ tool }) => tool('register', how)))
      expect(new Set(joined.map(({ session_id }) => session_id)).size).toBe(5)
    },
  )

  it('that of one that has no stream and has just called', async () => {
    const first = await httpClient(bus.hub.url, token, 'sessions', { hasStream: false })
    const { session_id } = await first.tool('register', { name: 'worker' })
    expect((await join('worker')).id).not.toBe(session_id)
    expect((await first.tool('whoami')).id).toBe(session_id)
  })

  it('that of another token with the same name, of a later one, or one that a client registered otherwise', async () => {
    const mine = await join('worker')
    await mine.client.close()
    const { token: other } = await bus.call('create_token', { name: 'other', machine: 'laptop' })
    const theirs = await join('worker', other)
    await theirs.client.close()
    await bus.call('revoke_token', { name: 'other' })
    const { token: later } = await bus.call('create_token', { name: 'other', machine: 'laptop' })
    const latest = await join('worker', later)
    const scripted = await bus.register('script', {}, token)
    const ids = [mine.id, theirs.id, latest.id, scripted.session_id, (await join('script')).id]
    expect(new Set(ids).size).toBe(5)
  })

  it('a session that the operator expelled, until the operator lets it in', async () => {
    const { id, client } = await join('worker')
    await client.close()
    await bus.call('unregister', { session: 'worker' })
    const { tool } = await httpClient(bus.hub.url, token, 'sessions')
    expect(await tool('register', { name: 'worker' })).toMatchObject({
      isError: true,
      error: { code: 'session_ended', details: { reason: 'expelled' } },
    })
    const facts = { run: 'another' }
    expect(await tool('register', { name: 'worker', facts })).toMatchObject({ error: { code: 'session_ended' } })
    expect((await bus.call('list_sessions')).sessions).toEqual([])
    await bus.call('readmit', { session: id })
    expect((await tool('register', { name: 'worker' })).session_id).toBe(id)
  })
})

it('an HTTP client of the stateless era is told how to be the same session', async () => {
  const { tool } = await httpClient(bus.hub.url, token, 'stateless')
  const first = await tool('register', { name: 'worker' })
  const second = await tool('register', { name: 'worker' })
  expect(second.session_id).not.toBe(first.session_id)
  expect(second.note).toContain('client_id')
  const third = await tool('register', { name: 'named', client_id: 'mine' })
  expect(await tool('register', { name: 'named', client_id: 'mine' })).toMatchObject({ session_id: third.session_id })
})
