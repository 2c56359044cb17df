import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { WAKE_ROUTES, type WakeRoute } from '../../src/bus/wake-routes.ts'
import { homePaths } from '../../src/home/paths.ts'
import type { Activity } from '../../src/session/activity.ts'
import type { ClientStatus } from '../../src/session/client-status.ts'
import { createDoorbell } from '../../src/session/doorbell/doorbell.ts'
import { routeMemory } from '../../src/session/doorbell/memory.ts'
import type { Outcome } from '../../src/session/doorbell/routes.ts'
import type { Seen } from '../../src/session/idle.ts'
import { untilPasses } from '../until.ts'

const AN_HOUR_MS = 3_600_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A doorbell of an idle session beside a real memory. `outcomes`: what comes of a ring on each of its routes. */
async function idleSession(outcomes: Partial<Record<WakeRoute, Outcome>> = { 'inbox socket': { is: 'sent' } }) {
  const home = await mkdtemp(join(tmpdir(), 'swb-ringing-'))
  onTestFinished(() => rm(home, { recursive: true, maxRetries: 10 }))
  const paths = homePaths({ SWITCHBOARD_HOME: home })
  const rings: string[] = []
  const rungOn: string[] = []
  let isRunning = true
  let whenRuns = () => {}
  let questions = 0
  let seen: Seen = { state: 'idle', since: 0, isTold: true }
  const mail = { isUrgent: false, isCertain: false, messages: 0, mark: '0' }
  const activity: Pick<Activity, 'look' | 'report'> = {
    look: () => seen,
    report: async () => {
      questions++
      return true
    },
  }
  const doorbell = createDoorbell({
    mail,
    activity: activity as Activity,
    status: { read: () => undefined, watch: () => () => undefined },
    routes: WAKE_ROUTES.filter(name => outcomes[name] !== undefined).map(name => ({
      name,
      exists: () => true,
      isHere: () => true,
      restMs: () => 0,
      ring: async line => {
        rings.push(line)
        rungOn.push(name)
        return outcomes[name]!
      },
    })),
    memory: await routeMemory(paths, '1', () => {}),
    whenClientRuns: async () => {
      if (!isRunning) await new Promise<void>(resolve => (whenRuns = resolve))
    },
    log: () => {},
  })
  onTestFinished(() => doorbell.close())
  return {
    rings,
    rungOn,
    outcomes,
    stands: () => {
      isRunning = false
    },
    async runs() {
      isRunning = true
      whenRuns()
      await vi.advanceTimersByTimeAsync(0)
    },
    /** A turn begins. */
    prompted: () => doorbell.answered(),
    questions: () => questions,
    memory: async () => JSON.parse(await readFile(join(paths.state, 'doorbell.json'), 'utf8'))['1'],
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    async arrives() {
      mail.isUrgent = true
      mail.messages++
      mail.mark = String(mail.messages)
      doorbell.consider()
      await vi.advanceTimersByTimeAsync(0)
    },
    async is(state: ClientStatus['state'], { isTold = true } = {}) {
      // biome-ignore lint/plugin: of the clock that the test moves.
      seen = { state, since: performance.now(), isTold }
      doorbell.consider()
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

it('rings again when nobody answers, and after three rings in vain knows that this client does not hear', async () => {
  const session = await idleSession()
  await session.arrives()
  for (const rings of [1, 2, 3]) {
    expect(session.rings).toHaveLength(rings)
    await session.pass(5_002)
  }
  expect(new Set(session.rings).size).toBe(3)
  await untilPasses(async () =>
    expect(await session.memory()).toEqual({ 'inbox socket': { degraded: expect.any(String) } }),
  )
  await session.pass(AN_HOUR_MS)
  expect(session.rings).toHaveLength(3)
  // Something new is another try, since there is no other way.
  await session.arrives()
  expect(session.rings).toHaveLength(4)
})

it('rings no more for mail that was left unread in a turn, and does not trouble the hub', async () => {
  const session = await idleSession()
  await session.arrives()
  expect(session.rings).toHaveLength(1)
  await session.is('busy')
  await session.is('idle')
  const before = session.questions()
  await session.pass(AN_HOUR_MS)
  expect(session.rings).toHaveLength(1)
  expect(session.questions() - before).toBeLessThan(3)
  await untilPasses(async () =>
    expect(await session.memory()).toEqual({ 'inbox socket': { works: expect.any(String) } }),
  )
})

it('rings once while its client stands still, however long, and again only when it runs and hears nothing', async () => {
  const session = await idleSession()
  session.stands()
  await session.arrives()
  await session.pass(AN_HOUR_MS)
  await session.arrives()
  await session.pass(AN_HOUR_MS)
  expect(session.rings).toHaveLength(1)
  await session.runs()
  await session.pass(4_990)
  expect(session.rings).toHaveLength(1)
  await session.pass(20)
  expect(session.rings).toHaveLength(2)
})

it.each<[Outcome['is'], WakeRoute[]]>([
  ['failed', ['inbox socket', 'monitor']],
  ['unknown', ['inbox socket']],
  ['sent', ['inbox socket']],
])('takes the next route for a wake after one that %s: %j', async (is, expected) => {
  const session = await idleSession({ 'inbox socket': { is, why: 'so' }, monitor: { is: 'sent' } })
  await session.arrives()
  expect(session.rungOn).toEqual(expected)
})

it('takes the next route for no wake that may have been heard, but for the next one', async () => {
  const session = await idleSession({ 'inbox socket': { is: 'unknown', why: 'so' }, monitor: { is: 'sent' } })
  await session.arrives()
  await session.pass(AN_HOUR_MS)
  expect(session.rungOn).toEqual(['inbox socket', 'inbox socket', 'inbox socket'])
  await session.arrives()
  expect(session.rungOn.slice(3)).toEqual(['monitor'])
})

it('knows a wake as answered whose prompt comes before the end of its sending', async () => {
  const session = await idleSession()
  let sent = () => {}
  Object.assign(session.outcomes, {
    'inbox socket': new Promise<Outcome>(resolve => {
      sent = () => resolve({ is: 'unknown', why: 'late' })
    }),
  })
  await session.arrives()
  session.prompted()
  sent()
  await session.pass(AN_HOUR_MS)
  expect(session.rings).toHaveLength(1)
})

it('leaves a person who has said "No" in a dialog alone until the session was idle for 3 s', async () => {
  const session = await idleSession()
  await session.is('waiting')
  await session.arrives()
  await session.is('idle', { isTold: false })
  await session.pass(2_900)
  expect(session.rings).toEqual([])
  // The person says what to do instead.
  await session.is('busy')
  await session.pass(AN_HOUR_MS)
  expect(session.rings).toEqual([])
  await session.is('idle', { isTold: false })
  await session.pass(2_900)
  expect(session.rings).toEqual([])
  await session.pass(110)
  expect(session.rings).toHaveLength(1)
})
