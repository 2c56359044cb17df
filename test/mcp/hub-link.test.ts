import { describe, expect, it, onTestFinished } from 'vitest'
import type { Event } from '../../src/bus/event.ts'
import { connect } from '../../src/client/index.ts'
import { startHub } from '../../src/hub/index.ts'
import { createHubLink } from '../../src/session/hub-link.ts'
import { whileHubLives } from '../../src/session/while-hub-lives.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { fixtureServer, json } from '../client/support/fixture-server.ts'
import { startTestHub } from '../hub/test-hub.ts'
import { HANG_MS, until } from '../until.ts'

const context = { signal: new AbortController().signal, toolUseId: undefined, clientName: undefined }

async function linkTo(
  hub: Awaited<ReturnType<typeof startTestHub>>,
  clientId: string,
  { env = {}, run = `run of ${clientId}`, ...times }: { env?: object; run?: string; awayMs?: number } = {},
) {
  const link = createHubLink(
    {
      env: { SWITCHBOARD_HOME: hub.paths.data, ...env },
      clientId,
      isShared: false,
      facts: Promise.resolve({ machine: 'desk', agent: 'test', run }),
      log: () => {},
    },
    times,
  )
  onTestFinished(() => link.close())
  const mail: Event[] = []
  link.onMail(events => mail.push(...events))
  return {
    mail,
    link,
    call: (operation: string, input = {}) =>
      // biome-ignore lint/suspicious/noExplicitAny: each operation has another shape, and tests say which they expect.
      link.call(operation, input, context) as Promise<any>,
  }
}

/** Another hub of the same home. */
async function nextHub({ paths }: Awaited<ReturnType<typeof startTestHub>>, port = 0) {
  const next = await startHub({
    paths,
    config: { hub: { port }, retention: {}, claims: { onEdit: 'ask', repos: {} } },
    openStore: () => openSqliteStore({ path: paths.storeFile }),
  })
  onTestFinished(() => next.close())
}

async function testHub() {
  const hub = await startTestHub({ store: 'sqlite' })
  onTestFinished(() => hub[Symbol.asyncDispose]())
  return hub
}

describe('the link of a session process to its hub', () => {
  it('brings mail as it comes: what is meant for the session, and nothing else', async () => {
    const hub = await testHub()
    const { call, mail } = await linkTo(hub, 'one')
    const { name } = await call('whoami')
    await hub.call('register', { name: 'other' })
    await hub.call('publish', { to: 'other', text: 'not for you' })
    await expect
      .poll(async () => {
        await hub.call('publish', { to: name, text: 'for you' })
        return mail.length > 0
      })
      .toBe(true)
    expect(new Set(mail.map(event => event.text))).toEqual(new Set(['for you']))
  })

  it('leaves the mail that it brings unread', async () => {
    const hub = await testHub()
    const { call, mail } = await linkTo(hub, 'one')
    const { name } = await call('whoami')
    await hub.call('publish', { to: name, text: 'first' })
    await expect
      .poll(async () => {
        await hub.call('publish', { to: name, text: 'next' })
        return mail.length > 0
      })
      .toBe(true)
    expect((await call('inbox')).messages[0]).toMatchObject({ text: 'first' })
  })

  it('does not come back by itself when it has left, but when its agent says so', async () => {
    const hub = await testHub()
    const { call } = await linkTo(hub, 'one')
    const { id } = await call('whoami')
    await call('unregister')
    await expect(call('inbox')).rejects.toMatchObject({ code: 'session_ended', details: { reason: 'unregistered' } })
    // Another session that loses its stream at the same time comes back by itself: then this one had the time to.
    const other = await linkTo(hub, 'other')
    await other.call('whoami')
    await hub.hub.close()
    await nextHub(hub)
    const facts = () => hub.socket.ask('/v1/hub', { credential: hub.user })
    await until(async () => ((await facts()).json as { streams?: number }).streams === 1)
    const there = async () => (await hub.call('list_sessions')).sessions.map((each: { id: string }) => each.id)
    expect(await there()).not.toContain(id)
    expect(await call('register', { name: 'one' })).toMatchObject({ resumed: true })
    expect(await there()).toContain(id)
  })

  const expelled = { code: 'session_ended', details: { reason: 'expelled' } }

  it('stays out when the operator expelled it, whatever its agent and its client do, until it is let in', async () => {
    const hub = await testHub()
    const { call, link } = await linkTo(hub, 'one')
    const { name, id } = await call('whoami')
    await hub.call('unregister', { session: name })
    const tries = [
      () => call('inbox'),
      () => call('register', { name: 'back' }),
      () => link.ask('heartbeat', {}),
      async () => {
        await link.membership.heads('two')
        await link.membership.moveTo('two')
        await call('register')
      },
      () => call('register'),
      () => link.ask('heartbeat', {}),
    ]
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ code: 'session_ended' })
    await expect(call('register')).rejects.toMatchObject(expelled)
    expect((await hub.call('list_sessions')).sessions).toEqual([])
    await hub.call('readmit', { session: id })
    expect((await hub.call('list_sessions')).sessions).toEqual([])
    expect(await call('register', { name: 'back' })).toMatchObject({ session_id: id, resumed: true })
    expect(await call('whoami')).toMatchObject({ id, name: 'back' })
  })

  it('stays out when it was expelled while it could not hear of it', async () => {
    const hub = await testHub()
    const { call, link } = await linkTo(hub, 'one')
    const { name } = await call('whoami')
    const [{ credential }] = [await hub.call('register', { client_id: 'one', facts: { machine: 'desk' } })]
    await hub.call('unregister', {}, credential)
    await hub.call('unregister', { session: name })
    await expect(link.membership.moveTo('two')).rejects.toMatchObject(expelled)
    await expect(call('register')).rejects.toMatchObject(expelled)
    expect((await hub.call('list_sessions')).sessions).toEqual([])
  })

  it('comes back with a new process of its agent, with another credential than before', async () => {
    const hub = await testHub()
    const first = await linkTo(hub, 'one')
    const { name, id } = await first.call('whoami')
    const before = await hub.call('register', { client_id: 'one', facts: { machine: 'desk' } })
    await hub.call('unregister', { session: name })
    const again = await linkTo(hub, 'one', { run: 'run of the next process' })
    expect(await again.call('whoami')).toMatchObject({ id })
    await expect(hub.call('whoami', {}, before.credential)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('stays the session whose credential it was started with', async () => {
    const hub = await testHub()
    const mine = await hub.register('mine')
    const { call } = await linkTo(hub, 'one', { env: { SWITCHBOARD_TOKEN: mine.credential } })
    expect(await call('whoami')).toMatchObject({ id: mine.session_id })
    expect((await hub.call('list_sessions')).sessions).toHaveLength(1)
  })

  it('goes on as the session that its new conversation has already', async () => {
    const hub = await testHub()
    const { call, link, mail } = await linkTo(hub, 'one')
    const { id } = await call('whoami')
    const other = await hub.call('register', { name: 'by a shell', client_id: 'two', facts: { machine: 'desk' } })
    await link.membership.heads('two')
    await link.membership.moveTo('two')
    expect(await call('whoami')).toMatchObject({ id: other.session_id })
    expect(other.session_id).not.toBe(id)
    await expect
      .poll(async () => {
        await hub.call('publish', { to: other.session_id, text: 'for you' })
        return mail.length > 0
      })
      .toBe(true)
  })

  it('goes on with the next hub where the one that it knew is gone, in the time that it has', async () => {
    const hub = await testHub()
    const port = Number(new URL(hub.hub.url).port)
    const env = { SWITCHBOARD_URL: hub.hub.url, SWITCHBOARD_TOKEN: hub.user }
    const { call } = await linkTo(hub, 'one', { env, awayMs: HANG_MS })
    const { id } = await call('whoami')
    await hub.hub.close()
    const dead = await fixtureServer((_, response) => void response.destroy(), { port })
    const answer = call('whoami')
    await until(() => dead.seen.some(({ path }) => path === '/healthz'))
    await dead.close()
    await nextHub(hub, port)
    expect(await answer).toMatchObject({ id })
  })

  it('says that no hub answered where there is none, not that one hangs', async () => {
    const hub = await testHub()
    const env = { SWITCHBOARD_URL: hub.hub.url, SWITCHBOARD_TOKEN: hub.user }
    const { call } = await linkTo(hub, 'one', { env })
    await call('whoami')
    await hub.hub.close()
    await expect(call('whoami')).rejects.toMatchObject({
      code: 'hub_unavailable',
      message: expect.stringContaining('no hub answered'),
    })
  })
})

it('a call that waits goes on for as long as its hub shows that it lives', async () => {
  let answer = () => {}
  const { url, seen } = await fixtureServer(({ path }, response) => {
    if (path === '/healthz') return json(response, 200, {})
    answer = () => json(response, 200, { messages: [] })
  })
  const client = connect({ url, credential: 'c', env: {} })
  onTestFinished(() => client.close())
  let isOver = false
  const waiting = whileHubLives(client, { signal: context.signal, awayUntil: 0 }, signal =>
    client.request('POST', '/v1/inbox', { signal }),
  ).finally(() => {
    isOver = true
  })
  await until(() => seen.some(({ path }) => path === '/healthz'))
  expect(isOver).toBe(false)
  answer()
  expect(await waiting).toEqual({ messages: [] })
})
