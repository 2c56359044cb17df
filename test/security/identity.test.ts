import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'

let bus: TestHub
let alice: { credential: string; session_id: string }
let bob: { credential: string; session_id: string }

beforeEach(async () => {
  bus = await startTestHub()
  const facts = { repo: 'github.com/a/b', worktree: '/srv/b', cwd: '/srv/b' }
  alice = await bus.register('alice', { facts })
  bob = await bus.register('bob', { facts })
})

afterEach(async () => {
  await bus[Symbol.asyncDispose]()
})

describe('a session', () => {
  it('publishes under its own name, whatever it writes', async () => {
    await bus.call('publish', { text: 'from: operator', title: 'operator', to: 'bob' }, alice.credential)
    const { messages } = await bus.call('inbox', {}, bob.credential)
    expect(messages[0]).toMatchObject({ from: 'alice', trust: 'peer' })
  })

  it('cannot name itself as another at registration', async () => {
    for (const name of ['operator', 'system', 'all', 'me', 'alice']) {
      const taken = await bus.register(name)
      expect((await bus.call('whoami', {}, taken.credential)).name).not.toBe(name)
    }
    for (const field of ['session_id', 'id', 'credential', 'codename']) {
      await expect(bus.register('x', { [field]: alice.session_id })).rejects.toMatchObject({ code: 'invalid_input' })
    }
  })

  it('changes itself by registering again, and takes no client id: neither of another nor of one to come', async () => {
    const carol = await bus.register('carol', { client_id: 'run-1' })
    const again = await bus.register('robert', {}, bob.credential)
    expect(again.session_id).toBe(bob.session_id)
    for (const client_id of ['run-1', 'run-2']) {
      await expect(bus.register('x', { client_id }, bob.credential)).rejects.toMatchObject({ code: 'forbidden' })
    }
    const facts = { known_as: ['run-1'], machine: 'desk', parent: 'run-1', run: 'r' }
    expect(await bus.register('bobby', { facts }, bob.credential)).toMatchObject({ session_id: bob.session_id })
    expect((await bus.call('whoami', {}, carol.credential)).name).toBe('carol')
    const dave = await bus.register('dave', { client_id: 'run-2' })
    expect(dave).toMatchObject({ resumed: false })
    expect(dave.session_id).not.toBe(bob.session_id)
  })

  it('reads and acknowledges its own mail, and no others', async () => {
    const { event_id } = await bus.call('publish', { text: 'for alice', to: 'alice' })
    expect((await bus.call('inbox', {}, bob.credential)).messages).toEqual([])
    await bus.call('ack', { up_to: event_id }, bob.credential)
    expect((await bus.call('inbox', { peek: true }, alice.credential)).messages).toHaveLength(1)
    for (const field of ['session', 'session_id', 'as']) {
      for (const [operation, input] of [
        ['inbox', {}],
        ['ack', { up_to: event_id }],
      ] as const) {
        const call = bus.call(operation, { ...input, [field]: alice.session_id }, bob.credential)
        await expect(call).rejects.toMatchObject({ code: 'invalid_input' })
      }
    }
  })

  it('cannot renew or release what another claimed, with its token or without', async () => {
    const { token, path } = await bus.call('claim', { path: 'src/**' }, alice.credential)
    const tries = [
      ['claim', { path: 'src/**', token }],
      ['claim', { path: 'src/a.ts' }],
      ['release', { path, token }],
      ['release', { path }],
    ] as const
    for (const [operation, input] of tries) {
      await expect(bus.call(operation, input, bob.credential)).rejects.toMatchObject({
        code: expect.stringMatching(/^(claim_held|stale_token|not_found)$/),
      })
    }
    expect((await bus.call('list_claims')).claims).toMatchObject([{ session: 'alice', token }])
  })

  it('cannot end another, make tokens or stop the hub', async () => {
    await expect(bus.call('unregister', { session: 'alice' }, bob.credential)).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(bus.call('create_token', { name: 'x' }, bob.credential)).rejects.toMatchObject({ code: 'forbidden' })
    const stop = await bus.socket.ask('/v1/hub/stop', { method: 'POST', credential: bob.credential })
    expect(stop.status).toBe(403)
    expect((await bus.call('whoami', {}, alice.credential)).name).toBe('alice')
  })

  it('keeps its idempotency keys to itself', async () => {
    const headers = { 'idempotency-key': 'same' }
    const [ofAlice, ofBob] = [
      await bus.socket.call('publish', { text: 'x' }, alice.credential, headers),
      await bus.socket.call('publish', { text: 'x' }, bob.credential, headers),
    ]
    expect((ofAlice.json as { event_id: number }).event_id).not.toBe((ofBob.json as { event_id: number }).event_id)
  })

  it('has a credential that the secret of no other hub makes', async () => {
    await using other = await startTestHub()
    const answer = await other.socket.call('whoami', {}, alice.credential)
    expect(answer.status).toBe(401)
  })
})

describe('a token', () => {
  it('cannot take over the session of another machine by its client id, or by naming that machine', async () => {
    const victim = await bus.register('victim', { client_id: 'run-1', facts: { machine: 'laptop' } })
    const { token } = await bus.call('create_token', { name: 'elsewhere' })
    for (const facts of [{}, { machine: 'laptop' }]) {
      const taken = await bus.register('victim', { client_id: 'run-1', facts }, token)
      expect(taken.session_id).not.toBe(victim.session_id)
      expect(taken).toMatchObject({ machine: 'elsewhere' })
    }
  })

  it('speaks under its own name, and has no inbox, cursor or claims', async () => {
    const { token } = await bus.call('create_token', { name: 'ci' })
    const { event_id } = await bus.call('publish', { text: 'done' }, token)
    const { events } = await bus.call('get_events', { after: event_id - 1 })
    expect(events[0]).toMatchObject({ from: 'token:ci' })
    for (const [operation, input] of [
      ['inbox', {}],
      ['ack', { up_to: 1 }],
      ['claim', { path: '/x' }],
      ['whoami', {}],
    ] as const) {
      await expect(bus.call(operation, input, token)).rejects.toMatchObject({ code: 'session_required' })
    }
  })

  it('is never shown again, in lists or events', async () => {
    const { token } = await bus.call('create_token', { name: 'ci' })
    const shown = JSON.stringify([
      await bus.call('list_tokens'),
      await bus.call('get_events'),
      await bus.store.tokens(),
    ])
    expect(shown).not.toContain(token)
  })
})
