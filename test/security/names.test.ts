import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Door } from '../hub/door.ts'
import { startTestHub, type TestHub } from '../hub/test-hub.ts'

let bus: TestHub
let port: string

beforeAll(async () => {
  bus = await startTestHub()
  port = new URL(bus.hub.url).port
})

afterAll(async () => {
  await bus[Symbol.asyncDispose]()
})

/** Host headers as a browser, a rebinding page, a proxy or a prankster may send them; undefined for none at all. */
function hosts(): (string | undefined)[] {
  return [
    undefined,
    '',
    ' ',
    ...['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', '::1', '0.0.0.0', '127.1', '127.0.0.2', '2130706433'].flatMap(
      name => [name, `${name}:${port}`],
    ),
    'localhost.',
    `localhost.:${port}`,
    `127.0.0.1.:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `[0:0:0:0:0:0:0:1]:${port}`,
    `0x7f000001:${port}`,
    `0177.0.0.1:${port}`,
    `localhost:${Number(port) + 1}`,
    `localhost:0${port}`,
    `localhost:${port}.`,
    'localhost:80',
    `localhost:${port}:80`,
    `evil.example:${port}`,
    'evil.example',
    `localhost.evil.example:${port}`,
    `evil.localhost:${port}`,
    `user@localhost:${port}`,
    `evil.example@127.0.0.1:${port}`,
    `localhost:${port}@evil.example`,
    `localhost:${port}/`,
    `localhost:${port}, evil.example`,
    `localhost:${port} evil.example`,
    `http://localhost:${port}`,
    `ℓocalhost:${port}`,
    `xn--localhost:${port}`,
    `127.0.0.1%00.evil.example:${port}`,
    'null',
  ]
}

/** Origin headers; undefined for none, which is what programs send. */
function origins(): (string | undefined)[] {
  return [
    undefined,
    'null',
    '',
    '*',
    ...['http', 'https', 'HTTP', 'ws', 'file', 'chrome-extension'].map(scheme => `${scheme}://localhost:${port}`),
    `http://127.0.0.1:${port}`,
    `http://[::1]:${port}`,
    'http://localhost',
    'http://127.0.0.1',
    `http://localhost:${port}/`,
    `http://localhost.:${port}`,
    `http://LOCALHOST:${port}`,
    `http://localhost:${Number(port) + 1}`,
    `http://user@localhost:${port}`,
    `http://localhost:${port}.evil.example`,
    `http://evil.example`,
    `http://evil.example:${port}`,
    `http://evil.localhost:${port}`,
    `http://127.0.0.1.evil.example:${port}`,
    `http://localhost:${port}, http://evil.example`,
    `http://localhost:${port} http://evil.example`,
    `http://evil.example, http://localhost:${port}`,
    'file://',
    'about:blank',
    'data:text/html,x',
    `localhost:${port}`,
    `//localhost:${port}`,
  ]
}

/** What the request would do if it were let in: it comes with the user's own credential. */
async function knock(door: Door, host: string | undefined, origin: string | undefined, target = '/v1/publish') {
  const lines = [
    `POST ${target} HTTP/1.1`,
    ...(host === undefined ? [] : [`Host: ${host}`]),
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    `Authorization: Bearer ${bus.user}`,
    'Content-Type: application/json',
    'Content-Length: 12',
    'Connection: close',
    '',
    '{"text":"x"}',
  ]
  return await door.raw(lines.join('\r\n'))
}

const isIn = (answer: string) => answer.startsWith('HTTP/1.1 200 ')
const isRefused = (answer: string) =>
  /^HTTP\/1\.1 (400|403) /.test(answer) && /"code":"(forbidden|invalid_input)"/.test(answer)

async function expectOnly(door: Door, ownHosts: readonly string[]): Promise<void> {
  const before = (await bus.store.bounds()).newest
  const letIn: string[] = []
  const odd: string[] = []
  let tries = 0
  for (const host of hosts()) {
    const answers = await Promise.all(origins().map(origin => knock(door, host, origin)))
    for (const [i, answer] of answers.entries()) {
      tries++
      const pair = `${host} from ${origins()[i]}`
      if (isIn(answer)) letIn.push(pair)
      else if (!isRefused(answer)) odd.push(`${pair}: ${answer}`)
    }
  }
  expect(tries).toBeGreaterThanOrEqual(40 * 30)
  expect(odd).toEqual([])
  const allowed = hosts()
    .filter(host => host !== undefined && ownHosts.includes(host.toLowerCase()))
    .flatMap(host => [undefined, `http://${host!.toLowerCase()}`].map(origin => `${host} from ${origin}`))
    .filter(pair => origins().some(origin => pair.endsWith(` from ${origin}`)))
  expect(letIn.sort()).toEqual(allowed.sort())
  expect((await bus.store.bounds()).newest - before).toBe(letIn.length)
}

describe('the names under which the hub is addressed', () => {
  it('are its loopback names with its port, from no page but its own', async () => {
    await expectOnly(bus.loopback, [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
  })

  it('are `localhost` on the socket', async () => {
    await expectOnly(bus.socket, ['localhost'])
  })

  it('are checked before anything else, on the open route and on unknown ones too', async () => {
    for (const target of ['/healthz', '/nothing', '/mcp', '/v1/stream']) {
      expect(await knock(bus.loopback, 'evil.example', undefined, target)).toMatch(/"code":"forbidden"/)
      expect(await knock(bus.loopback, `localhost:${port}`, 'http://evil.example', target)).toMatch(
        /"code":"forbidden"/,
      )
    }
  })

  it.each([
    'http://evil.example/v1/publish',
    'http://localhost/v1/publish',
    'http://user@localhost/v1/publish',
    'https://localhost/v1/publish',
    '//localhost/v1/publish',
    'v1/publish',
    '*',
    'localhost/v1/publish',
    '/v1\\publish',
  ])('cannot be replaced by a target such as %s', async target => {
    const before = (await bus.store.bounds()).newest
    for (const [door, host] of [
      [bus.socket, 'localhost'],
      [bus.loopback, `localhost:${port}`],
    ] as const) {
      const answer = await knock(door, host, undefined, target)
      expect(answer).toMatch(/^HTTP\/1\.1 (400|403|404) /)
      expect(answer).toMatch(/"error":\{"code":"/)
    }
    expect((await bus.store.bounds()).newest).toBe(before)
  })

  it('must come once: of two Host or Origin headers none counts', async () => {
    const before = (await bus.store.bounds()).newest
    for (const twice of [
      ['Host: localhost', 'Host: localhost'],
      ['Host: localhost', 'Host: evil.example'],
      ['Host: evil.example', 'host: localhost'],
      ['Host: localhost', 'Origin: http://localhost', 'Origin: http://localhost'],
      ['Host: localhost', 'Origin: http://localhost', 'origin: http://evil.example'],
    ]) {
      const lines = ['POST /v1/publish HTTP/1.1', ...twice, `Authorization: Bearer ${bus.user}`, 'Connection: close']
      const answer = await bus.socket.raw(
        [...lines, 'Content-Type: application/json', 'Content-Length: 12', '', '{"text":"x"}'].join('\r\n'),
      )
      expect(isRefused(answer)).toBe(true)
    }
    expect((await bus.store.bounds()).newest).toBe(before)
  })

  it('are asked for in preflights too, which get no leave', async () => {
    const answer = await bus.loopback.ask('/v1/publish', {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).join()).not.toContain('access-control')
  })
})
