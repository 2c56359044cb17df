import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../src/bus/access.ts'
import { LIMITS, SHARES } from '../../src/bus/limits.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'
import { httpClient } from '../mcp/support/http-client.ts'

const MINUTE_MS = 60_000

let bus: TestHub
let clock: TestMachine

beforeEach(async () => {
  clock = new TestMachine(1_000_000)
  bus = await startTestHub({ clock })
})
afterEach(() => bus[Symbol.asyncDispose]())

async function token(name: string, scopes?: Scope[]): Promise<string> {
  return (await bus.call('create_token', { name, scopes })).token
}

describe('what a holder of a token repeats without end', () => {
  it('initialize: drops the MCP sessions of nobody else', async () => {
    const [reader, other] = [await token('reader', ['read']), await token('other')]
    const clients = [
      await httpClient(bus.hub.url, other, 'sessions'),
      await httpClient(bus.hub.url, bus.user, 'sessions'),
    ]
    await clients[0]!.tool('register', { name: 'other' })
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }
    for (let n = 0; n < 510; n++) {
      const { status } = await bus.socket.ask('/mcp', {
        method: 'POST',
        credential: reader,
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify(initialize),
      })
      expect(status).toBe(200)
    }
    expect(await clients[0]!.tool('whoami')).toMatchObject({ name: 'other' })
    expect(await clients[1]!.tool('whoami')).toMatchObject({ name: 'operator' })
  })

  it('register: has so many sessions a minute and so many at a time, and others have theirs', async () => {
    const [greedy, other] = [await token('greedy'), await token('other')]
    const register = (credential: string) => bus.socket.call('register', { name: 'x' }, credential).then(codeOf)
    let made = 0
    const refusals: string[] = []
    while (refusals.length < 3) {
      const refusal = await register(greedy)
      if (refusal === undefined) made++
      else {
        refusals.push(refusal)
        clock.ms += MINUTE_MS
      }
    }
    expect([made, refusals]).toEqual([SHARES.livingSessions.token, ['rate_limited', 'rate_limited', 'limit_reached']])
    expect(await register(other)).toBeUndefined()
    expect(await register(bus.user)).toBeUndefined()
  })

  it('register and unregister: makes no more of them for that', async () => {
    const greedy = await token('greedy')
    const answers = new Set<string | undefined>()
    for (let n = 0; n <= SHARES.newSessionsPerMinute.token; n++) {
      const answer = await bus.socket.call('register', { name: 'x' }, greedy)
      answers.add(codeOf(answer))
      if (answer.status === 200) await bus.call('unregister', {}, (answer.json as { credential: string }).credential)
    }
    expect([...answers]).toEqual([undefined, 'rate_limited'])
  })

  it('set_state with append: makes no value larger than a value may be', async () => {
    const writer = await token('writer')
    const value = 'x'.repeat(LIMITS.valueChars / 4)
    const codes: (string | undefined)[] = []
    for (let n = 0; n < 6; n++) {
      codes.push(codeOf(await bus.socket.call('set_state', { key: 'k', value, mode: 'append' }, writer)))
    }
    expect(codes).toEqual([undefined, undefined, undefined, 'too_large', 'too_large', 'too_large'])
    const { value: kept } = await bus.call('get_state', { key: 'k' })
    expect(JSON.stringify(kept).length).toBeLessThanOrEqual(LIMITS.valueChars)
  })

  it('claim: has so many at a time', async () => {
    const { credential } = await bus.register('claimer', {}, await token('claimer'))
    const claim = (n: number) => bus.socket.call('claim', { path: `/srv/${n}.ts` }, credential).then(codeOf)
    for (let n = 0; n < LIMITS.sessionClaims; n++) expect(await claim(n)).toBeUndefined()
    expect(await claim(LIMITS.sessionClaims)).toBe('limit_reached')
    expect(await claim(0)).toBeUndefined()
  })
})
