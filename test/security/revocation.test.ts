import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { startTestHub, type TestHub, tempHome } from '../hub/test-hub.ts'

/** More than one piece of a revocation ends. */
const MANY = 60

async function manySessions(bus: TestHub) {
  const { token } = await bus.call('create_token', { name: 'laptop' })
  const sessions: { credential: string; session_id: string }[] = []
  for (let i = 0; i < MANY; i++) sessions.push(await bus.register(`w${i}`, { client_id: `c${i}` }, token))
  const last = sessions.at(-1)!
  await bus.call('claim', { path: '/srv/x.ts', ttl_seconds: 7 * 24 * 3600 }, last.credential)
  return last
}

describe('a token with more sessions than one commit ends', () => {
  it('has its streams ended before anything that is published after the first commit', async () => {
    const bus = await startTestHub({ store: 'sqlite' })
    onTestFinished(() => bus[Symbol.asyncDispose]())
    const last = await manySessions(bus)
    const stream = await bus.stream('', { credential: last.credential })
    let told = 0
    let isAlive: boolean | undefined
    const off = bus.store.onAuthority(() => {
      if (told++ > 0) return
      void bus.store.commit([
        {
          kind: 'append',
          event: {
            ...{ type: 'message', channels: ['all'], senderId: 'operator', text: 'a secret' },
            ...{ level: 'actionable', urgency: 'quiet', hops: 0 },
          },
        },
      ])
      void bus.store.session(last.session_id).then(session => (isAlive = session?.endedAt === undefined))
    })
    await bus.call('revoke_token', { name: 'laptop' })
    off()
    await stream.ended
    expect(isAlive).toBe(true)
    expect(stream.events.map(({ text }) => text)).not.toContain('a secret')
  })

  it.each(['revoke_token', 'sweep'])('is revoked to the end by %s where that broke off', async way => {
    const home = await tempHome()
    onTestFinished(() => home[Symbol.asyncDispose]())
    const one = await startTestHub({ store: 'sqlite', home })
    await manySessions(one)
    await one[Symbol.asyncDispose]()
    const store = await openSqliteStore({ path: home.paths.storeFile })
    const [first] = (
      (await store.commit([{ kind: 'revokeToken', name: 'laptop' }])) as never as { results: [{ next?: string }] }
    ).results
    expect(first.next).toBeDefined()
    if (way === 'sweep') {
      for (let next: true | undefined = true; next; ) {
        const swept = await store.commit([{ kind: 'sweep', silentMs: 1e12 }])
        next = swept.ok ? swept.results[0].next : undefined
      }
    }
    await store.close()
    const two = await startTestHub({ store: 'sqlite', home })
    onTestFinished(() => two[Symbol.asyncDispose]())
    const again = two.call('revoke_token', { name: 'laptop' })
    if (way === 'sweep') await expect(again).rejects.toMatchObject({ code: 'not_found' })
    else expect((await again).ended_sessions).toBeGreaterThan(0)
    expect((await two.call('list_sessions')).sessions).toEqual([])
    expect((await two.call('list_claims')).claims).toEqual([])
    const { sessions } = await two.call('list_sessions', { include_gone: true, limit: 1 })
    expect(sessions[0].ended).toBe('token revoked')
  })
})

it('an operation of the operator whose answer was lost is answered again', async () => {
  const bus = await startTestHub()
  onTestFinished(() => bus[Symbol.asyncDispose]())
  await bus.register('gone', { client_id: 'g' })
  for (const [operation, input] of [
    ['create_token', { name: 'x' }],
    ['narrow_token', { name: 'x', scopes: ['read'] }],
    ['revoke_token', { name: 'x' }],
    ['unregister', { session: 'gone' }],
    ['readmit', { session: 'gone' }],
  ] as const) {
    const ask = () => bus.socket.call(operation, input, bus.user, { 'idempotency-key': `k-${operation}` })
    const first = await ask()
    expect([operation, first.status]).toEqual([operation, 200])
    expect([operation, (await ask()).json]).toEqual([operation, first.json])
  }
})
