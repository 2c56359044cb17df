import { describe, expect, it, onTestFinished } from 'vitest'
import type { Event } from '../../src/bus/event.ts'
import { startHub } from '../../src/hub/index.ts'
import { createHubLink } from '../../src/session/hub-link.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { startTestHub } from '../hub/test-hub.ts'

const context = { signal: new AbortController().signal, toolUseId: undefined, clientName: undefined }

async function linkTo(hub: Awaited<ReturnType<typeof startTestHub>>, clientId: string, env: object = {}) {
  const link = createHubLink({
    env: { SWITCHBOARD_HOME: hub.paths.data, ...env },
    clientId,
    isShared: false,
    facts: Promise.resolve({ machine: 'desk', agent: 'test' }),
    log: () => {},
  })
  onTestFinished(() => link.close())
  const mail: Event[] = []
  link.onMail(events => mail.push(...events))
  return {
    mail,
    call: (operation: string, input = {}) =>
      // biome-ignore lint/suspicious/noExplicitAny: each operation has another shape, and tests say which they expect.
      link.call(operation, input, context) as Promise<any>,
  }
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

  it('does not come back by itself when somebody else ended its session', async () => {
    const hub = await testHub()
    const { call } = await linkTo(hub, 'one')
    const { name } = await call('whoami')
    await hub.call('unregister', { session: name })
    await expect(call('inbox')).rejects.toMatchObject({ code: 'session_ended', details: { reason: 'unregistered' } })
    await new Promise(resolve => setTimeout(resolve, 400))
    expect((await hub.call('list_sessions')).sessions).toEqual([])
    expect(await call('register', { name })).toMatchObject({ resumed: true })
    expect((await hub.call('list_sessions')).sessions).toHaveLength(1)
  })

  it('goes on with the next hub where the one that it knew is gone, in the time that it has', async () => {
    const hub = await testHub()
    const port = Number(new URL(hub.hub.url).port)
    const { call } = await linkTo(hub, 'one', { SWITCHBOARD_URL: hub.hub.url, SWITCHBOARD_TOKEN: hub.user })
    const { id } = await call('whoami')
    await hub.hub.close()
    const answer = call('whoami')
    // Later than the link first asks whether its hub lives.
    await new Promise(resolve => setTimeout(resolve, 1_150))
    const next = await startHub({
      paths: hub.paths,
      config: { hub: { port }, retention: {}, claims: { onEdit: 'ask', repos: {} } },
      openStore: () => openSqliteStore({ path: hub.paths.storeFile }),
    })
    onTestFinished(() => next.close())
    expect(await answer).toMatchObject({ id })
  })

  it('says that no hub answered where there is none, not that one hangs', async () => {
    const hub = await testHub()
    const { call } = await linkTo(hub, 'one', { SWITCHBOARD_URL: hub.hub.url, SWITCHBOARD_TOKEN: hub.user })
    await call('whoami')
    await hub.hub.close()
    const begun = performance.now()
    await expect(call('whoami')).rejects.toMatchObject({
      code: 'hub_unavailable',
      message: expect.stringContaining('no hub answered'),
    })
    expect(performance.now() - begun).toBeGreaterThan(1_400)
    expect(performance.now() - begun).toBeLessThan(2_000)
  })
})
