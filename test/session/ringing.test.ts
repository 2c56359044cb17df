import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { homePaths } from '../../src/home/paths.ts'
import type { Activity } from '../../src/session/activity.ts'
import type { ClientStatus } from '../../src/session/client-status.ts'
import { createDoorbell } from '../../src/session/doorbell/doorbell.ts'
import { routeMemory } from '../../src/session/doorbell/memory.ts'
import { untilPasses } from '../until.ts'

const AN_HOUR_MS = 3_600_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A doorbell of an idle session with one way to ring, beside a real memory. */
async function idleSession() {
  const home = await mkdtemp(join(tmpdir(), 'swb-ringing-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const paths = homePaths({ SWITCHBOARD_HOME: home })
  const rings: string[] = []
  let questions = 0
  let state: ClientStatus['state'] = 'idle'
  const mail = { isUrgent: false, isCertain: false, messages: 0, mark: '0' }
  const activity: Pick<Activity, 'look' | 'report'> = {
    look: () => ({ state, since: 0 }),
    report: async () => {
      questions++
      return true
    },
  }
  const doorbell = createDoorbell({
    mail,
    activity: activity as Activity,
    status: { read: () => undefined, watch: () => () => undefined },
    routes: [
      {
        name: 'inbox socket',
        isHere: () => true,
        restMs: () => 0,
        ring: async line => void rings.push(line),
      },
    ],
    memory: await routeMemory(paths, '1', () => {}),
    hasHooks: () => true,
    log: () => {},
  })
  onTestFinished(() => doorbell.close())
  return {
    rings,
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
    async is(now: ClientStatus['state']) {
      state = now
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
