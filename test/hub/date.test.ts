import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userCredential } from '../../src/home/credentials.ts'
import { watchClock } from '../../src/hub/clock-watch.ts'
import type { Logger } from '../../src/hub/log.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { clockCheck } from '../../src/transports/cli/commands/doctor/clock.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { untilPasses } from '../until.ts'
import { Door } from './door.ts'
import { buildHubProgram, type HubProgram, startHubProcess } from './hub-process.ts'
import { tempHome } from './test-hub.ts'

const YEAR_MS = 365 * 24 * 3600_000

/** Read before a program: its date is set forward by the milliseconds in a file. */
const SHIFTED_DATE = `
import { readFileSync } from 'node:fs'
const now = Date.now
const shift = () => Number(readFileSync(process.env.DATE_SHIFT_FILE, 'utf8'))
globalThis.Date = class extends Date {
  constructor(...args) { super(...(args.length === 0 ? [now() + shift()] : args)) }
  static now() { return now() + shift() }
}
`

/** A hub in a process of its own, whose date the test sets. */
async function hubWithDate(program: HubProgram) {
  const home = await tempHome()
  const folder = await mkdtemp(join(tmpdir(), 'swb-date-'))
  const [hook, file] = [join(folder, 'date.mjs'), join(folder, 'shift')]
  await writeFile(hook, SHIFTED_DATE)
  const setForward = (ms: number) => writeFile(file, String(ms))
  await setForward(0)
  const env = { DATE_SHIFT_FILE: file, NODE_OPTIONS: `--import ${pathToFileURL(hook)}` }
  const door = new Door({ socketPath: home.paths.socket })
  const hubs: AsyncDisposable[] = []
  const start = async () => {
    const hub = startHubProcess(program, home.folder, { env })
    hubs.push(hub)
    expect(await hub.isServing).toBe(true)
    return hub
  }
  return {
    setForward,
    start,
    door,
    async call(operation: string, input: object, credential?: string): Promise<{ status: number; json: any }> {
      return await door.call(operation, input, credential ?? (await userCredential(home.paths)))
    },
    async clockAheadMs(): Promise<number> {
      const credential = await userCredential(home.paths)
      return ((await door.ask('/v1/hub', { credential })).json as { clock_ahead_ms: number }).clock_ahead_ms
    },
    async [Symbol.asyncDispose]() {
      door.close()
      for (const hub of hubs) await hub[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
      await home[Symbol.asyncDispose]()
    },
  }
}

describe('a hub whose date somebody changes', () => {
  let program: HubProgram
  beforeAll(async () => {
    program = await buildHubProgram()
  })
  afterAll(() => program[Symbol.asyncDispose]())

  it('lets claims end in time after a publish of next year, also after a start of next year and restarts', async () => {
    await using bus = await hubWithDate(program)
    const join = async (name: string) => (await bus.call('register', { name, facts: { repo: 'r' } })).json.credential
    const claim = async (as: string) => (await bus.call('claim', { path: 'a', ttl_seconds: 3 }, as)).status
    const ends = async () => {
      const [one, two] = [await join('one'), await join('two')]
      expect(await claim(one)).toBe(200)
      expect(await claim(two)).toBe(409)
      await untilPasses(async () => expect(await claim(two)).toBe(200))
      for (const each of [one, two]) await bus.call('unregister', {}, each)
    }
    const first = await bus.start()
    await bus.setForward(YEAR_MS)
    await bus.call('publish', { text: 'from next year' })
    await bus.setForward(0)
    expect(Math.abs(await bus.clockAheadMs())).toBeLessThan(60_000)
    await ends()

    first.child.kill('SIGKILL')
    await first.exit
    await bus.setForward(YEAR_MS)
    const second = await bus.start()
    await bus.call('publish', { text: 'from next year' })
    await bus.setForward(0)
    await ends()

    second.child.kill('SIGTERM')
    await second.exit
    await bus.start()
    await ends()
    expect(await bus.clockAheadMs()).toBeGreaterThan(60_000)
    expect(await bus.clockAheadMs()).toBeLessThanOrEqual(31 * 24 * 3600_000)
  })

  it('answers who waits for mail in time, though the date is set back meanwhile', async () => {
    await using bus = await hubWithDate(program)
    await bus.start()
    const { credential } = (await bus.call('register', { name: 'waiting' })).json
    const waiting = bus.call('inbox', { wait_seconds: 2 }, credential)
    await bus.call('whoami', {}, credential)
    await bus.setForward(-3 * 3600_000)
    await bus.call('publish', { text: 'elsewhere', to: 'topic:elsewhere' })
    expect((await waiting).json).toEqual({ messages: [], pending: 0 })
  })

  it('lets wait for mail who waits, though the date is set forward meanwhile', async () => {
    await using bus = await hubWithDate(program)
    await bus.start()
    const { credential } = (await bus.call('register', { name: 'waiting' })).json
    const waiting = bus.call('inbox', { wait_seconds: 100 }, credential)
    await bus.call('whoami', {}, credential)
    await bus.setForward(YEAR_MS)
    // Not for it: who waits looks at how long it has waited, and goes on.
    await bus.call('publish', { text: 'elsewhere', to: 'topic:elsewhere' })
    await bus.call('publish', { text: 'for you', to: 'waiting' })
    expect((await waiting).json).toMatchObject({ messages: [{ text: 'for you' }] })
  })
})

describe('what is said of the clock', () => {
  it('is written into the log where the date parts from the store’s, and where they meet again', async () => {
    const clock = new TestMachine(1_700_000_000_000)
    const store = createMemoryStore({ clock })
    const said: unknown[] = []
    const note = (level: string) => (facts: { ahead_ms: number }, text: string) =>
      said.push([level, facts.ahead_ms, text])
    const look = watchClock(store, clock, { info: note('info'), warn: note('warn') } as unknown as Logger)
    await look()
    clock.setForwardMs = -3 * 3600_000
    await look()
    clock.ms += 10_000
    await look()
    clock.setForwardMs = 0
    await look()
    expect(said).toEqual([
      ['warn', 3 * 3600_000, expect.stringContaining('ahead of')],
      ['info', expect.any(Number), expect.stringContaining('agrees')],
    ])
    await store.close()
  })

  it('is shown by `doctor`', () => {
    const check = (clock_ahead_ms: number) => clockCheck({ clock_ahead_ms } as Parameters<typeof clockCheck>[0])
    expect(check(3)).toMatchObject({ state: 'ok' })
    expect(check(YEAR_MS)).toMatchObject({ state: 'warn', found: expect.stringMatching(/365 d ahead .*terms last/) })
    expect(check(-YEAR_MS)).toMatchObject({ state: 'warn', found: expect.stringMatching(/365 d behind .*terms last/) })
  })
})
