import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SCOPES, type Scope } from '../../src/bus/access.ts'
import { catalog } from '../../src/operations/catalog.ts'
import { createApp } from '../../src/transports/http/app.ts'
import type { Route } from '../../src/transports/http/exchange.ts'
import type { HubPort } from '../../src/transports/http/hub-port.ts'
import { ROUTES } from '../../src/transports/http/routes.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'
import { Door } from '../hub/door.ts'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'
import { findHoles, type Intruder } from './attack.ts'
import { SAMPLES } from './samples.ts'

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })
const random = (bytes: number) => randomBytes(bytes).toString('base64url')

let bus: TestHub
let strangers: Intruder[]
let small: Record<Scope, string>

beforeAll(async () => {
  // The hub writes signs of life every ten seconds: such a commit between two looks at the store is no intruder's.
  vi.useFakeTimers({ toFake: ['setInterval'] })
  bus = await startTestHub()
  const alice = await bus.register('alice')
  const bob = await bus.register('bob')
  await bus.call('set_state', { key: 'k', value: 'kept' })
  await bus.call('claim', { path: '/srv/x.ts' }, alice.credential)
  await bus.call('create_token', { name: 'good' })
  const revoked = (await bus.call('create_token', { name: 'revoked', scopes: [...SCOPES] })).token
  await bus.call('revoke_token', { name: 'revoked' })
  small = {} as Record<Scope, string>
  for (const scope of SCOPES) {
    const others = SCOPES.filter(each => each !== scope)
    small[scope] = (await bus.call('create_token', { name: `all-but-${scope}`, scopes: others })).token
  }
  const macOf = (credential: string) => credential.split('_').slice(4).join('_')
  strangers = [
    { name: 'nobody', headers: {} },
    { name: 'a made-up user', headers: bearer(`swb_user_${random(24)}`) },
    { name: 'a made-up token', headers: bearer(`swb_token_${random(24)}`) },
    { name: 'a made-up session', headers: bearer(`swb_session_${alice.session_id}_${random(32)}`) },
    {
      name: 'one session under the name of another',
      headers: bearer(`swb_session_${alice.session_id}_${macOf(bob.credential)}`),
    },
    { name: 'a session that never was', headers: bearer(`swb_session_ses_aaaaaaaaaaaa_${macOf(bob.credential)}`) },
    { name: 'the operator as a session', headers: bearer(`swb_session_operator_${random(32)}`) },
    { name: 'a revoked token', headers: bearer(revoked) },
    { name: 'the beginning of a good one', headers: bearer(bus.user.slice(0, -1)) },
    { name: 'a good one and more', headers: bearer(`${bus.user}A`) },
    { name: 'an empty bearer', headers: { authorization: 'Bearer ' } },
    { name: 'a bearer of blanks', headers: { authorization: 'Bearer    ' } },
    { name: 'a bare credential', headers: { authorization: bus.user } },
    { name: 'two credentials in one header', headers: { authorization: `Bearer ${bus.user}, Bearer ${bus.user}` } },
    {
      name: 'another scheme',
      headers: { authorization: `Basic ${Buffer.from(`user:${bus.user}`).toString('base64')}` },
    },
    { name: 'a cookie', headers: { cookie: `credential=${bus.user}` } },
    { name: 'another header', headers: { 'x-api-key': bus.user, 'proxy-authorization': `Bearer ${bus.user}` } },
    {
      name: 'a credential in the query',
      headers: {},
      query: `?access_token=${bus.user}&token=${bus.user}&credential=${bus.user}`,
    },
    { name: 'a forwarded operator', headers: { 'x-forwarded-user': 'operator', forwarded: 'for=127.0.0.1' } },
    { name: 'a very long one', headers: bearer(`swb_token_${'a'.repeat(8_000)}`) },
  ]
})

afterAll(async () => {
  await bus[Symbol.asyncDispose]()
  vi.useRealTimers()
})

describe('the harness', () => {
  it('catches a route that was left open, and one that acts before it refuses', async () => {
    const planted: Route[] = [
      { methods: ['POST'], path: '/v1/open', scope: 'open', handle: () => Response.json({}) },
      {
        methods: ['POST'],
        path: '/v1/hasty',
        scope: 'open',
        async handle() {
          await bus.store.commit([{ kind: 'keep', name: random(8), value: 'trace' }])
          return Response.json({ error: { code: 'unauthenticated', message: 'too late' } }, { status: 401 })
        },
      },
    ]
    const port = { callerOf: async () => undefined, report: () => undefined } as unknown as HubPort
    let listening = 0
    const server = createHttpServer(createApp(port, planted), () => ({ kind: 'loopback', port: listening }))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    listening = (server.address() as AddressInfo).port
    const door = new Door({ port: listening })
    expect(await findHoles(door, planted[0]!, strangers[0]!, bus.store)).toEqual(['POST /v1/open as nobody: 200 {}'])
    expect(await findHoles(door, planted[1]!, strangers[0]!, bus.store)).toEqual([
      'POST /v1/hasty as nobody: left traces in the store',
    ])
    const closed: Route = { methods: ['POST'], path: '/v1/closed', scope: 'read', handle: () => Response.json({}) }
    expect(await findHoles(door, closed, strangers[0]!, bus.store)).toEqual([])
    door.close()
    server.close()
  })

  it('knows an input that takes effect for every operation', async () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(catalog.map(({ name }) => name).sort())
  })
})

describe('the routes', () => {
  it('are all from the table: whatever else is asked for meets the same guards', async () => {
    for (const path of ['/', '/v1', '/v1/', '/v1/nothing', '/v1/publish/', '/V1/publish', '//healthz', '/admin']) {
      const holes = await findHoles(
        bus.loopback,
        { methods: ['GET', 'POST', 'DELETE'], path },
        strangers[0]!,
        bus.store,
        ['unauthenticated', 'forbidden', 'invalid_input'],
      )
      expect(holes).toEqual([])
    }
  })

  it('are all closed but the health check', () => {
    expect(ROUTES.filter(({ scope }) => scope === 'open').map(({ path }) => path)).toEqual(['/healthz'])
    const paths = ROUTES.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(catalog.map(({ name }) => `/v1/${name}`)))
    expect(new Set(paths).size).toBe(paths.length)
  })

  it.each(ROUTES.filter(({ scope }) => scope !== 'open').map(route => [route.path, route] as const))(
    '%s refuses every stranger on both listeners, without a trace',
    async (_, route) => {
      const holes: string[] = []
      for (const door of [bus.socket, bus.loopback]) {
        for (const stranger of strangers) holes.push(...(await findHoles(door, route, stranger, bus.store)))
      }
      expect(holes).toEqual([])
    },
  )

  it.each(scoped())('%s refuses a credential with every scope but %s', async (path, scope, methods) => {
    const intruder = { name: `all but ${scope}`, headers: bearer(small[scope]) }
    expect(await findHoles(bus.socket, { path, methods }, intruder, bus.store, ['forbidden'])).toEqual([])
  })

  it('refuse two Authorization headers, even where both are good', async () => {
    const lines = [
      'POST /v1/publish HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      'Content-Type: application/json',
    ]
    const twice = [`Authorization: Bearer ${bus.user}`, `Authorization: Bearer ${bus.user}`]
    const answer = await bus.socket.raw([...lines, ...twice, 'Content-Length: 12', '', '{"text":"x"}'].join('\r\n'))
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('refuse an ended session everywhere but where it can register again', async () => {
    const ended = await bus.register('ended')
    await bus.call('unregister', {}, ended.credential)
    const routes = ROUTES.filter(({ path, scope }) => scope !== 'open' && !['/v1/register', '/mcp'].includes(path))
    const holes: string[] = []
    for (const route of routes) {
      const intruder = { name: 'an ended session', headers: bearer(ended.credential) }
      holes.push(...(await findHoles(bus.socket, route, intruder, bus.store, ['session_ended', 'forbidden'])))
    }
    expect(holes).toEqual([])
  })

  it('refuse a token from the very next request after it was revoked', async () => {
    const { token } = await bus.call('create_token', { name: 'brief' })
    expect((await bus.socket.call('list_sessions', {}, token)).status).toBe(200)
    await bus.call('revoke_token', { name: 'brief' })
    expect((await bus.socket.call('list_sessions', {}, token)).status).toBe(401)
  })

  it('answer refusals without a word about what is inside', async () => {
    const answer = await bus.socket.call('publish', { text: 'x' })
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="switchboard"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).toEqual([])
  })
})

/** Every route with the scope that it needs. */
function scoped(): [path: string, scope: Scope, methods: Route['methods']][] {
  const scopeOf = new Map(catalog.map(({ name, scope }) => [`/v1/${name}`, scope as Scope]))
  return ROUTES.flatMap(({ path, scope, methods }) => {
    const needed = scope === 'operation' ? scopeOf.get(path) : scope
    return needed === undefined || needed === 'open'
      ? []
      : [[path, needed, methods] as [string, Scope, Route['methods']]]
  })
}
