import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OPERATOR_ID, type Scope } from '../../src/bus/access.ts'
import { ERRORS } from '../../src/bus/errors.ts'
import { type RateName, SHARES } from '../../src/bus/limits.ts'
import { operations } from '../../src/operations/index.ts'
import { runInProcess } from '../cli/support/in-process.ts'
import { TestMachine } from '../contract/test-machine.ts'
import type { Answer } from '../hub/door.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'
import { httpClient } from '../mcp/support/http-client.ts'
import { contentsOf } from './attack.ts'
import { sampleOf } from './samples.ts'

const ALL: Scope[] = ['read', 'publish', 'terminal']
const RATES = Object.keys(SHARES).filter((name): name is RateName => name.endsWith('PerMinute'))

let clock: TestMachine
let bus: TestHub
let tokens: { id: string; credential: string }[]

beforeEach(async () => {
  clock = new TestMachine(1_000_000)
  bus = await startTestHub({ clock })
  tokens = []
  for (const name of ['one', 'other']) {
    const { token: credential } = await bus.call('create_token', { name, scopes: ALL })
    const { id } = (await bus.store.tokens()).find(each => each.name === name)!
    tokens.push({ id, credential })
  }
})
afterEach(() => bus[Symbol.asyncDispose]())

/** Each kind of credential, whose share it takes from, and one of it that nobody has used yet. */
const KINDS = {
  'a token': { holder: () => tokens[0]!.id, credential: async () => tokens[0]!.credential },
  "a token's session": { holder: () => tokens[0]!.id, credential: () => aSession(tokens[0]!.credential) },
  'another token': { holder: () => tokens[1]!.id, credential: async () => tokens[1]!.credential },
  "another token's session": { holder: () => tokens[1]!.id, credential: () => aSession(tokens[1]!.credential) },
  'the operator': { holder: () => OPERATOR_ID, credential: async () => bus.user },
  "the operator's session": { holder: () => 'its own', credential: () => aSession(bus.user) },
}
let serial = 0
async function aSession(credential: string): Promise<string> {
  const session = await bus.register(`s${++serial}`, { client_id: `c${serial}` }, credential)
  return session.credential
}

/** As if the holder had made all that it may make in a minute. */
function useUp(holder: string): void {
  const made = RATES.map(name => {
    const max = SHARES[name].token
    return { name, share: { holder, max }, count: max }
  })
  bus.hub.bus.rates.add(made, clock.steady())
}

/** Until every bucket is full again. */
function passMinutes(): void {
  clock.ms += 3 * 60_000
}

const inputOf = (operation: string) => (operation === 'note_edit' ? { path: '/srv/x.ts' } : sampleOf(operation))

/** An edit tells somebody where another session has edited the same file. */
async function beforehand(operation: string): Promise<void> {
  if (operation === 'note_edit') await bus.call(operation, inputOf(operation), await aSession(tokens[0]!.credential))
}

async function makesSomething(operation: string, credential: string): Promise<boolean> {
  const before = await bus.store.bounds()
  await bus.socket.call(operation, inputOf(operation), credential)
  return (await bus.store.bounds()).newest > before.newest
}

const BOUND = Object.entries(KINDS).slice(0, 2)

describe.each(BOUND)('when the share of %s is used up', (_, { holder, credential }) => {
  it.each(operations.map(({ name }) => name))(
    '%s is refused with the time of the next try where it makes something, and nowhere else',
    async operation => {
      await beforehand(operation)
      const makes = await makesSomething(operation, await credential())
      passMinutes()
      await beforehand(operation)
      const [by, kept] = [await credential(), await credential()]
      const headers = { 'idempotency-key': 'before' }
      const first = await bus.socket.call(operation, inputOf(operation), kept, headers)
      passMinutes()
      useUp(holder())
      const contents = await contentsOf(bus.store)
      const answer = await bus.socket.call(operation, inputOf(operation), by)
      expect(codeOf(answer) === 'rate_limited').toBe(makes)
      if (makes) {
        expect(await contentsOf(bus.store)).toBe(contents)
        expect(answer.status).toBe(429)
        const seconds = Number(answer.headers['retry-after'])
        expect(seconds).toBeGreaterThanOrEqual(1)
        expect(seconds).toBeLessThanOrEqual(60)
        // One that has left is told that it has.
        if (operation !== 'unregister' && operation !== 'note_edit') {
          expect((await bus.socket.call(operation, inputOf(operation), kept, headers)).json).toEqual(first.json)
        }
        clock.ms += seconds * 1_000
        expect(codeOf(await bus.socket.call(operation, inputOf(operation), by))).toBeUndefined()
      }
    },
  )

  it('everybody else goes on with everything', async () => {
    const others = Object.entries(KINDS).filter(([, other]) => other.holder() !== holder())
    for (const { name } of operations) {
      for (const [kind, other] of others) {
        passMinutes()
        const by = await other.credential()
        useUp(holder())
        expect([kind, name, codeOf(await bus.socket.call(name, inputOf(name), by))]).not.toContain('rate_limited')
      }
    }
  })

  it('an MCP client is told so, and when to try again', async () => {
    const by = await credential()
    useUp(holder())
    for (const era of ['sessions', 'stateless'] as const) {
      const { client, tool } = await httpClient(bus.hub.url, by, era)
      const refusal = { code: 'rate_limited', details: { retry_after_seconds: 1 } }
      expect(await tool('publish', { text: 'x' })).toMatchObject({ isError: true, error: refusal })
      const { content } = await client.callTool({ name: 'publish', arguments: { text: 'x' } })
      expect(JSON.stringify(content)).toContain('Try again in 1 s')
    }
  })
})

it('the command line says so, with the exit code of the registry', async () => {
  useUp(tokens[0]!.id)
  const env = {
    SWITCHBOARD_HOME: bus.paths.data,
    SWITCHBOARD_URL: `unix:${bus.hub.socket}`,
    SWITCHBOARD_TOKEN: tokens[0]!.credential,
  }
  const ran = await runInProcess(['publish', 'x'], { env, cwd: bus.paths.data })
  expect(ran.code).toBe(ERRORS.rate_limited.exit)
  expect(ran.stderr).toContain('expected at most 6000 events a minute; you have made as many')
  expect(ran.stderr).toContain('Try again in 1 s')
})

describe.each(Object.entries(KINDS).slice(4))('%s', (_, { holder, credential }) => {
  it('has no rate', async () => {
    const by = await credential()
    useUp(holder())
    useUp(by)
    for (const { name } of operations) {
      expect([name, codeOf(await bus.socket.call(name, inputOf(name), by))]).not.toContain('rate_limited')
    }
  })
})

describe('a rate', () => {
  it('allows as much again as has been waited for, and no more, of events and of sessions', async () => {
    for (const [operation, name] of [
      ['publish', 'eventsPerMinute'],
      ['register', 'newSessionsPerMinute'],
    ] as const) {
      passMinutes()
      useUp(tokens[0]!.id)
      const { token: max } = SHARES[name]
      clock.ms += (10 * 60_000) / max
      const answers: string[] = []
      for (let n = 0; n < 12; n++) {
        answers.push(codeOf(await bus.socket.call(operation, inputOf(operation), tokens[0]!.credential)) ?? 'made')
      }
      expect(answers).toEqual([...Array(10).fill('made'), 'rate_limited', 'rate_limited'])
    }
  })

  it('is not used up by what was refused, or repeated with a key', async () => {
    const headers = { 'idempotency-key': 'key' }
    const { credential } = tokens[0]!
    await bus.socket.call('publish', { text: 'x' }, credential, headers)
    passMinutes()
    useUp(tokens[0]!.id)
    clock.ms += 60
    for (let n = 0; n < 10; n++) {
      expect((await bus.socket.call('publish', { text: 'x' }, credential, headers)).status).toBe(200)
      expect(codeOf(await bus.socket.call('publish', { text: 'y' }, credential, headers))).toBe('key_reused')
      expect(codeOf(await bus.socket.call('publish', { text: 'x', to: 'nobody' }, credential))).toBe(
        'unknown_recipient',
      )
    }
    const left = await Promise.all(Array.from({ length: 9 }, () => publish()))
    expect(left.map(codeOf).filter(code => code === undefined)).toHaveLength(6)
  })

  it('refuses before anything is noted as a wake, also of several at once', async () => {
    await bus.register('reader', { client_id: 'reader' })
    useUp(tokens[0]!.id)
    clock.ms += 2 * (60_000 / SHARES.eventsPerMinute.token)
    const note = vi.spyOn(bus.hub.bus.wakes, 'note')
    const toReader = { text: 'x', to: 'reader' }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => bus.socket.call('publish', toReader, tokens[0]!.credential)),
    )
    const made = answers.filter(answer => codeOf(answer) !== 'rate_limited')
    expect(made.map(({ status }) => status)).toEqual([200, 200])
    expect(note).toHaveBeenCalledTimes(made.length)
  })

  it('goes by the steady clock, whatever is done to the date', async () => {
    useUp(tokens[0]!.id)
    clock.setForwardMs = 3600_000
    expect(codeOf(await publish())).toBe('rate_limited')
    clock.setForwardMs = -3600_000
    clock.ms += 1_000
    expect((await publish()).status).toBe(200)
  })

  it('leaves nothing behind of holders that have rested for a minute', async () => {
    const { rates } = bus.hub.bus
    for (let n = 0; n < 1_000; n++) useUp(`holder ${n}`)
    expect(rates.size).toBe(1_000 * RATES.length)
    clock.ms += 60_000
    await publish()
    expect(rates.size).toBe(1)
  })

  function publish(): Promise<Answer> {
    return bus.socket.call('publish', { text: 'x' }, tokens[0]!.credential)
  }
})
