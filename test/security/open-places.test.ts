import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type PlaceName, SHARES } from '../../src/bus/limits.ts'
import { operations } from '../../src/operations/index.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'
import { untilPasses } from '../until.ts'
import { sampleOf } from './samples.ts'

let bus: TestHub
let token: string
/** Both take from the same share; only the first can wait for mail. */
let credentials: Record<'token' | 'session' | 'operator', readonly [string, string]>
let outsiders: readonly string[]

beforeEach(async () => {
  bus = await startTestHub()
  token = (await bus.call('create_token', { name: 'one', scopes: ['read', 'publish', 'terminal'] })).token
  const other = (await bus.call('create_token', { name: 'other' })).token
  const [ofToken, ofOperator] = [await bus.register('a', {}, token), await bus.register('b')]
  credentials = {
    token: [ofToken.credential, token],
    session: [ofOperator.credential, ofOperator.credential],
    operator: [bus.user, bus.user],
  }
  const [neighbour, foreigner] = [await bus.register('c'), await bus.register('d', {}, other)]
  outsiders = [bus.user, other, neighbour.credential, foreigner.credential]
})
afterEach(() => bus[Symbol.asyncDispose]())

/** Begins a request on a connection of its own, again where one that only asks had the place at that moment. */
function begin(path: string, credential: string, input?: object): { destroy(): void } {
  let asked: ClientRequest
  let isOver = false
  const ask = () => {
    asked = request({
      socketPath: bus.hub.socket,
      agent: false,
      path,
      method: input === undefined ? 'GET' : 'POST',
      headers: { host: 'localhost', authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    })
    asked.on('error', () => undefined)
    asked.on('response', ({ statusCode }) => {
      if (statusCode === 429 && !isOver) ask()
    })
    asked.end(input === undefined ? undefined : JSON.stringify(input))
  }
  const destroy = () => {
    isOver = true
    asked.destroy()
  }
  ask()
  onTestFinished(destroy)
  return { destroy }
}

const program = (method: string, path: string, body: string) => `
  const { request } = require('node:http')
  const [socketPath, credential] = process.argv.slice(1)
  const headers = { host: 'localhost', authorization: 'Bearer ' + credential, 'content-type': 'application/json' }
  const ask = () => request({ socketPath, path: '${path}', method: '${method}', headers }, response => {
    response.resume()
    if (response.statusCode === 429) ask()
  }).end('${body}')
  ask()
`

/** How each kind of place is taken, by whom, and how somebody asks for one more. */
const WAYS = {
  callsAtOnce: {
    take: (credential: string) => begin('/v1/inbox', credential, { wait_seconds: 60, peek: true }),
    program: program('POST', '/v1/inbox', '{"wait_seconds":60,"peek":true}'),
    tries: [
      ...operations.map(({ name }) => ['POST', `/v1/${name}`, sampleOf(name)] as const),
      ...['/v1/hub', '/openapi.json', '/metrics', '/nowhere'].map(path => ['GET', path, undefined] as const),
      ['POST', '/mcp', {}],
      ['DELETE', '/mcp', undefined],
    ],
  },
  streams: {
    take: (credential: string) => begin('/v1/stream', credential),
    program: program('GET', '/v1/stream', ''),
    tries: ['/v1/stream', '/v1/stream?mine=1', '/v1/stream?attach=1&mine=1', '/mcp'].map(
      path => ['GET', path, undefined] as const,
    ),
  },
} as const satisfies Record<PlaceName, object>

const KINDS = ['token', 'session'] as const
const NAMES = Object.keys(WAYS) as PlaceName[]

/** Takes all places of a kind but so many. */
async function takeAllBut(left: number, name: PlaceName, kind: (typeof KINDS)[number]): Promise<void> {
  for (let n = SHARES[name][kind] - left; n > 0; n--) WAYS[name].take(credentials[kind][name === 'streams' ? 1 : 0])
}

/** What somebody is told who asks for one more; undefined where it gets it. */
async function refusal(name: PlaceName, credential: string): Promise<string | undefined> {
  if (name === 'callsAtOnce') return codeOf(await bus.socket.call('list_sessions', {}, credential))
  const stream = await bus.stream('', { credential })
  const { status } = stream
  stream.close()
  return status === 200 ? undefined : 'limit_reached'
}

describe.each(KINDS.flatMap(kind => NAMES.map(name => [kind, name] as const)))(
  'a %s that has all of its %s',
  (kind, name) => {
    const max = SHARES[name][kind]

    it('is refused one more by every route, and told what to do', async () => {
      await takeAllBut(0, name, kind)
      for (const credential of credentials[kind]) {
        await untilPasses(async () => expect(await refusal(name, credential)).toBe('limit_reached'))
        for (const [method, path, input] of WAYS[name].tries) {
          const answer = await bus.socket.ask(path, {
            method,
            credential,
            ...(input && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }),
          })
          expect([method, path, answer.status, codeOf(answer)]).toEqual([method, path, 429, 'limit_reached'])
          expect(answer.headers['retry-after']).toBe('1')
          expect(answer.text).toContain(`at most ${max} ${SHARES[name].what}`)
        }
      }
      for (const credential of outsiders) {
        expect((await bus.socket.call('list_sessions', {}, credential)).status).toBe(200)
        const stream = await bus.stream('', { credential })
        expect(stream.status).toBe(200)
        stream.close()
      }
    })

    it('has a place again once one of its own is free: answered, closed, or left by a client that died', async () => {
      await takeAllBut(1, name, kind)
      const [credential] = credentials[kind]
      const refused = async () => expect(await refusal(name, credential)).toBe('limit_reached')
      const free = async () => expect(await refusal(name, credential)).toBeUndefined()
      const closed = WAYS[name].take(credential)
      await untilPasses(refused)
      closed.destroy()
      await untilPasses(free)
      const died = spawn(process.execPath, ['-e', WAYS[name].program, bus.hub.socket, credential])
      onTestFinished(() => void died.kill('SIGKILL'))
      await untilPasses(refused)
      died.kill('SIGKILL')
      await once(died, 'exit')
      await untilPasses(free)
      if (name === 'callsAtOnce') {
        WAYS[name].take(credential)
        await untilPasses(refused)
        await bus.call('publish', { text: 'for all that wait' })
        await untilPasses(free)
      }
    })
  },
)

it('the operator is not counted', async () => {
  for (const name of NAMES) {
    for (let n = SHARES[name].token; n > 0; n--) WAYS[name].take(bus.user)
    expect(await refusal(name, bus.user)).toBeUndefined()
  }
})
