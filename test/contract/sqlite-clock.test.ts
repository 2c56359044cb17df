import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { done, join as joinBus, publish, START_MS } from './bench.ts'
import { temporaryFolder } from './open.ts'
import { TestMachine } from './test-machine.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 3600_000
const YEAR_MS = 365 * DAY_MS

/** A file that is closed and opened again, on a machine whose date somebody changes. */
async function restarting() {
  const folder = await temporaryFolder()
  const clock = new TestMachine(START_MS)
  const open = () => openSqliteStore({ path: join(folder, 'bus.db'), clock })
  let store = await open()
  onTestFinished(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    clock,
    get store() {
      return store
    },
    /** `stoppedMs`: how long nobody has it open. */
    async restart(stoppedMs = 0) {
      await store.close()
      clock.ms += stoppedMs
      store = await open()
    },
    async aheadMs() {
      return (await store.now()) - clock.ms
    },
  }
}

/** As a hub does every minute. */
const sweep = { kind: 'sweep', silentMs: 10 * YEAR_MS } as const

test('a store that a wrong date has put a year ahead goes on from there, through restarts and while it is closed', async () => {
  const bench = await restarting()
  const { clock } = bench
  clock.setForwardMs = YEAR_MS
  await bench.restart()
  await publish(bench.store)
  clock.setForwardMs = 0
  await bench.restart()
  await joinBus(bench.store, 's1')
  const claim = { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: MINUTE_MS } as const
  for (const { runningMs, stoppedMs } of [
    { runningMs: 1.2 * MINUTE_MS, stoppedMs: 0 },
    { runningMs: 0, stoppedMs: 1.2 * MINUTE_MS },
    { runningMs: 0.6 * MINUTE_MS, stoppedMs: 0.6 * MINUTE_MS },
  ]) {
    await done(bench.store, claim)
    expect(await bench.store.claims({ limit: 9 })).toHaveLength(1)
    clock.ms += runningMs
    await done(bench.store, sweep)
    await bench.restart(stoppedMs)
    expect(await bench.store.claims({ limit: 9 })).toEqual([])
  }
})

test('a date that is a year ahead at a start takes the store along by a month at most', async () => {
  const bench = await restarting()
  await publish(bench.store)
  bench.clock.setForwardMs = YEAR_MS
  for (let starts = 0; starts < 5; starts++) {
    await bench.restart()
    await done(bench.store, sweep)
  }
  expect((await bench.aheadMs()) / DAY_MS).toBeLessThanOrEqual(31)
  bench.clock.setForwardMs = 0
  await bench.restart()
  const before = await bench.store.now()
  bench.clock.ms += 1_000
  expect((await bench.store.now()) - before).toBe(900)
})

test('a date that was a year back when the store was closed says nothing about how long that was', async () => {
  const bench = await restarting()
  bench.clock.setForwardMs = -YEAR_MS
  await done(bench.store, sweep)
  bench.clock.setForwardMs = 0
  await bench.restart(1_000)
  expect(await bench.aheadMs()).toBe(0)
})

test.each([1_000, 8 * 3600_000, 30 * DAY_MS])(
  'the time of a store that was closed for %i ms is the right one',
  async stoppedMs => {
    const bench = await restarting()
    await publish(bench.store)
    await bench.restart(stoppedMs)
    expect(await bench.aheadMs()).toBe(0)
  },
)
