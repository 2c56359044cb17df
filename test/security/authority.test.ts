import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../src/bus/access.ts'
import type { Command, Store } from '../../src/bus/store.ts'
import { startHub } from '../../src/hub/index.ts'
import { operations } from '../../src/operations/index.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'
import { httpClient } from '../mcp/support/http-client.ts'
import { endingStore } from './ending-store.ts'
import { sampleOf } from './samples.ts'

const ALL: Scope[] = ['read', 'publish', 'terminal']

/** What can become of the authority that a session has, and how it is told so from then on. */
const ENDINGS = {
  'the token that registered it is revoked': {
    code: 'unauthenticated',
    commands: (): Command[] => [{ kind: 'revokeToken', name: machine }],
    call: () => bus.call('revoke_token', { name: machine }),
  },
  'the token that registered it is narrowed': {
    code: 'forbidden',
    commands: (scope: Scope): Command[] => [{ kind: 'narrowToken', name: machine, scopes: without(scope) }],
    call: () => bus.call('narrow_token', { name: machine, scopes: without('read') }),
  },
  'the operator expels it': {
    code: 'session_ended',
    commands: (): Command[] => [{ kind: 'endSession', id: session.session_id, reason: 'expelled' }],
    call: (id = session.session_id) => bus.call('unregister', { session: id }),
  },
}
const without = (scope: Scope) => ALL.filter(each => each !== scope)

let bus: TestHub
let inner: Store
let hand: ReturnType<typeof endingStore>
/** Calls that wait for mail at this moment. */
let waiting = 0
let machine: string
let token: string
let session: { credential: string; session_id: string }

async function start(kind: 'memory' | 'sqlite' = 'memory'): Promise<void> {
  bus = await startTestHub({
    openStore: async paths => {
      inner = kind === 'memory' ? createMemoryStore() : await openSqliteStore({ path: paths.storeFile })
      hand = endingStore(inner)
      return hand.store
    },
  })
  const { nextEvent } = bus.hub.bus
  waiting = 0
  bus.hub.bus.nextEvent = async (...args) => {
    waiting++
    return await nextEvent(...args).finally(() => waiting--)
  }
  await join('laptop')
}

/** Makes a token and registers a session with it. */
async function join(name: string): Promise<void> {
  machine = name
  token = (await bus.call('create_token', { name, scopes: ALL })).token
  session = await bus.register('worker', { facts: { machine: name }, client_id: 'c1' }, token)
}
beforeEach(() => start())
afterEach(() => bus[Symbol.asyncDispose]())

/** All that a call of this session could have changed. */
async function traces(id: string): Promise<string> {
  const { seenAt: _, ...own } = (await inner.session(id))!
  return JSON.stringify([
    own,
    (await inner.events({ order: 'desc', limit: 500 })).events.map(each => [each.id, each.type, each.senderId]),
    await inner.states('', 100),
    await inner.claims({ limit: 100 }),
    await inner.unread(id, 100),
    await inner.hasOpenOffer(id),
    // In no order: the hub writes signs of life by itself, and the latest seen come first.
    (await inner.sessions({ includeEnded: true, limit: 1_000 })).map(each => each.id).sort(),
  ])
}

const forSessions = operations.filter(({ scope }) => ALL.includes(scope))

describe.each(Object.entries(ENDINGS))('when %s', (_, ending) => {
  it.each(forSessions.map(({ name, scope, effect }) => [name, scope, effect] as const))(
    '%s does and tells nothing from then on, at whichever moment of the call it is',
    async (operation, scope, effect) => {
      const holes: string[] = []
      for (let moment = 1, isOver = false; !isOver; moment++) {
        await join(`machine-${moment}`)
        await bus.call('set_state', { key: 'k', value: 'kept' })
        await bus.call('publish', { text: 'a letter', to: session.session_id })
        let after = ''
        hand.before(moment, async () => {
          const done = await inner.commit(ending.commands(scope))
          if (!done.ok) throw new Error(JSON.stringify(done.conflict))
          after = await traces(session.session_id)
        })
        const answer = await bus.socket.call(operation, sampleOf(operation), session.credential)
        isOver = hand.isWaiting
        hand.rest()
        if (isOver) break
        if ((await traces(session.session_id)) !== after) holes.push(`moment ${moment}: it went on`)
        if (answer.status === 200 && effect === 'read') holes.push(`moment ${moment}: it was answered`)
        const next = await bus.socket.call(operation, sampleOf(operation), session.credential)
        if (next.status === 200) holes.push(`after moment ${moment}: it was answered again`)
      }
      expect(holes).toEqual([])
    },
  )

  it('a stream of it ends at once, and none begins, at whichever moment it is opened', async () => {
    for (const query of ['', 'mine=1', 'attach=1&mine=1']) {
      for (let moment = 1, isOver = false; !isOver; moment++) {
        await join(`machine-${query}-${moment}`)
        let hasEnded = false
        hand.before(moment, async () => {
          await inner.commit(ending.commands('read'))
          hasEnded = true
        })
        const stream = await bus.stream(query, { credential: session.credential })
        isOver = !hasEnded
        if (!hasEnded) {
          hand.rest()
          await ending.call()
        }
        await bus.call('publish', { text: 'afterwards' })
        await bus.call('publish', { text: 'for it', to: session.session_id })
        if (stream.status === 200) await stream.ended
        expect(stream.events.filter(({ from }) => from === 'operator').map(({ text }) => text)).toEqual([])
      }
    }
  })

  it('a call that waits for mail is answered with the reason at once', async () => {
    const taking = bus.socket.call('inbox', { wait_seconds: 60 }, session.credential)
    const peeking = bus.socket.call('inbox', { wait_seconds: 60, peek: true }, session.credential)
    await expect.poll(() => waiting).toBe(2)
    await ending.call()
    for (const answer of await Promise.all([taking, peeking])) expect(codeOf(answer)).toBe(ending.code)
  })

  it('its connections over MCP do nothing more', async () => {
    const { tool } = await httpClient(bus.hub.url, session.credential, 'sessions')
    const ofToken = await httpClient(bus.hub.url, token, 'sessions')
    await ofToken.tool('register', { name: 'other' })
    const other = await ofToken.tool('whoami')
    const inbox = ofToken.tool('inbox', { wait_seconds: 60 })
    inbox.catch(() => undefined)
    await expect.poll(() => waiting).toBe(1)
    await ending.call()
    if (ending.code === 'session_ended') await ending.call(other.id)
    const said = (result: ReturnType<typeof tool>) =>
      result.then(
        ({ error }) => error?.code,
        () => 'closed',
      )
    expect(await said(inbox)).toBe(ending.code)
    for (const answer of [tool('list_sessions'), ofToken.tool('list_sessions')]) {
      expect([ending.code, 'closed']).toContain(await said(answer))
    }
    expect((await bus.call('get_events', { from: 'other', types: ['message'] })).events).toEqual([])
  })

  it('it is the same after the hub has been started anew', async () => {
    await bus[Symbol.asyncDispose]()
    await start('sqlite')
    await ending.call()
    await bus.hub.close()
    const again = await startHub({
      paths: bus.paths,
      config: { hub: { port: 0 }, retention: {}, claims: { onEdit: 'ask', repos: {} } },
    })
    try {
      const answer = await bus.socket.call('list_sessions', {}, session.credential)
      expect(codeOf(answer)).toBe(ending.code)
    } finally {
      await again.close()
    }
  })
})

describe('a session registered with a token', () => {
  it('may never do more than the token, whatever it asks for', async () => {
    const { token: small } = await bus.call('create_token', { name: 'small', scopes: ['publish'] })
    await bus.call('publish', { text: 'SECRET letter' })
    await bus.call('register', { name: 'neighbour', summary: 'SECRET summary', client_id: 'n' })
    const holder = await bus.register('holder', { facts: { machine: 'small' } })
    await bus.call('claim', { path: '/srv/x.ts', note: 'SECRET note' }, holder.credential)
    const mine = await bus.register('small', {}, small)
    const answers: string[] = [JSON.stringify(mine)]
    const inputs = {
      set_state: [
        { key: 'k', value: 1, expected_version: 9 },
        { key: 'k', value: 'x', mode: 'append' },
      ],
    }
    for (const { name, scope } of operations) {
      for (const input of [sampleOf(name), ...((inputs as Record<string, object[]>)[name] ?? [])]) {
        for (const credential of [small, mine.credential]) {
          await bus.call('set_state', { key: 'k', value: 'SECRET value' })
          await bus.call('register', {}, mine.credential)
          const answer = await bus.socket.call(name, input, credential)
          if (scope !== 'publish') expect([name, codeOf(answer)]).toEqual([name, 'forbidden'])
          answers.push(`${name}: ${answer.text}`)
        }
      }
    }
    expect(answers.filter(text => text.includes('SECRET'))).toEqual([])
    const { status } = await bus.stream('', { credential: mine.credential })
    expect(status).toBe(403)
  })

  it('is not taken over by a later token of the same name, nor by another of the same machine', async () => {
    await bus.call('publish', { text: 'for the first alone', to: session.session_id })
    await bus.call('create_token', { name: 'twin', machine: 'laptop' })
    const twin = (await bus.call('create_token', { name: 'twin-2', machine: 'laptop' })).token
    const headers = { 'idempotency-key': 'same' }
    const first = await bus.socket.call('register', { name: 'x' }, token, headers)
    await bus.call('revoke_token', { name: 'laptop' })
    const next = (await bus.call('create_token', { name: 'laptop', scopes: ALL })).token
    const replayed = await bus.socket.call('register', { name: 'x' }, next, headers)
    expect(replayed.json).toMatchObject({ resumed: false })
    expect(replayed.json).not.toMatchObject({ session_id: (first.json as typeof session).session_id })
    for (const credential of [twin, next]) {
      const taken = await bus.register('worker', { client_id: 'c1', facts: { machine: 'laptop' } }, credential)
      expect(taken).toMatchObject({ resumed: false, unread: 0 })
    }
    expect(codeOf(await bus.socket.call('whoami', {}, session.credential))).toBe('unauthenticated')
  })

  it('and its forks and resumptions end with the token; their claims are free and the others are told', async () => {
    const fork = await bus.register('fork', { client_id: 'c2', facts: { parent: 'c1' } }, token)
    const left = await bus.register('left', { client_id: 'c3' }, token)
    await bus.call('unregister', {}, left.credential)
    const resumed = await bus.register('left', { client_id: 'c3' }, token)
    await bus.call('claim', { path: '/srv/x' }, fork.credential)
    const outsider = await bus.register('outsider')
    const { newest } = await bus.store.bounds()
    expect(await bus.call('revoke_token', { name: 'laptop' })).toMatchObject({ ended_sessions: 3 })
    for (const each of [session, fork, resumed]) {
      for (const operation of ['whoami', 'register', 'publish']) {
        const answer = await bus.socket.call(operation, sampleOf(operation), each.credential)
        expect(codeOf(answer)).toBe('unauthenticated')
      }
    }
    expect((await bus.call('list_sessions')).sessions.map(({ name }: { name: string }) => name)).toEqual(['outsider'])
    await bus.call('claim', { path: '/srv/x', facts: { repo: 'r', worktree: '/srv' } }, outsider.credential)
    const { events } = await bus.call('get_events', { after: newest })
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      ...Array(3).fill('session_unregistered'),
      'token_revoked',
    ])
    expect(events[0].text).toContain('token revoked')
    const { sessions } = await bus.call('list_sessions', { include_gone: true })
    expect(sessions.find(({ name }: { name: string }) => name === 'fork')).toMatchObject({ ended: 'token revoked' })
  })

  it('keeps what the token keeps when it is narrowed, and the token never gets more', async () => {
    await bus.call('narrow_token', { name: 'laptop', scopes: ['publish'] })
    expect((await bus.socket.call('publish', { text: 'x' }, session.credential)).status).toBe(200)
    for (const scopes of [ALL, ['read'], ['publish', 'admin']]) {
      await expect(bus.call('narrow_token', { name: 'laptop', scopes })).rejects.toMatchObject({
        code: 'invalid_input',
      })
    }
    expect((await bus.call('list_tokens')).tokens[0]).toMatchObject({ scopes: ['publish'] })
  })
})

describe('whom the operator expelled', () => {
  it('comes back with no credential that it had, whatever it says of itself', async () => {
    await bus.call('unregister', { session: 'worker' })
    const refused = { code: 'session_ended' }
    for (const fields of [{}, { client_id: 'c1' }, { facts: { run: 'r2' } }]) {
      await expect(bus.register('worker', fields, session.credential)).rejects.toMatchObject(refused)
    }
    await expect(bus.register('worker', { client_id: 'c1' }, token)).rejects.toMatchObject(refused)
    const known_as = ['c1']
    await expect(bus.register('x', { client_id: 'c9', facts: { known_as } }, token)).rejects.toMatchObject(refused)
    expect((await bus.call('list_sessions')).sessions).toEqual([])
  })

  it('may be ended already, and stays out all the same', async () => {
    await bus.call('unregister', {}, session.credential)
    await bus.call('unregister', { session: session.session_id })
    await expect(bus.register('worker', {}, session.credential)).rejects.toMatchObject({ code: 'session_ended' })
  })

  it('is let in again by the operator alone, and its old credential is void for good', async () => {
    const other = await bus.register('other')
    await bus.call('unregister', { session: 'worker' })
    for (const credential of [session.credential, token, other.credential]) {
      await expect(bus.call('readmit', { session: session.session_id }, credential)).rejects.toThrow()
    }
    await bus.call('readmit', { session: session.session_id })
    await expect(bus.call('readmit', { session: session.session_id })).rejects.toMatchObject({ code: 'not_found' })
    await expect(bus.register('worker', {}, session.credential)).rejects.toMatchObject({ code: 'unauthenticated' })
    const back = await bus.register('worker', { client_id: 'c1' }, token)
    expect(back).toMatchObject({ session_id: session.session_id, resumed: true })
    expect(back.credential).not.toBe(session.credential)
    expect(codeOf(await bus.socket.call('whoami', {}, session.credential))).toBe('unauthenticated')
    expect((await bus.call('whoami', {}, back.credential)).id).toBe(session.session_id)
  })
})
