import { expect } from 'vitest'
import { KEY_MEMORY_MS, type Store } from '../../src/bus/store.ts'
import { anEvent, type Bench, type Cases, done, join, publish, refused, START_MS } from './bench.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365 * DAY_MS

/** What is done to the date meanwhile: by how much it is set forward when this part of a term has passed. */
const disturbances: Record<string, (part: number) => number> = {
  'set back three hours': () => -3 * HOUR_MS,
  'set back three hours for a moment': part => (part > 0.3 && part < 0.4 ? -3 * HOUR_MS : 0),
  'back in 1970': () => -START_MS,
  'a year ahead for a moment': part => (part > 0.3 && part < 0.4 ? YEAR_MS : 0),
  'a year ahead at first': part => (part < 0.1 ? YEAR_MS : 0),
  'running a tenth too fast': part => part * 0.1 * 5 * MINUTE_MS,
  'running at half its speed': part => -part * 0.5 * 5 * MINUTE_MS,
}

/** How much longer or shorter a term may be. */
const TOLERANCE = 0.15

/** Begins a term for these two sessions; the answer says whether it still runs, and may only be asked once. */
type Term = (store: Store, one: string, other: string) => Promise<() => Promise<boolean>>

const TERM_MS = 5 * MINUTE_MS

/** They run side by side, and are asked in this order: an answer may end what comes after it. */
const terms: Record<string, Term> = {
  async 'a claim'(store, one) {
    await done(store, { kind: 'claim', area: one, path: 'a', sessionId: one, ttlMs: TERM_MS })
    return async () => (await store.claims({ area: one, limit: 9 })).length > 0
  },
  async 'a claim that another wants'(store, one, other) {
    await done(store, { kind: 'claim', area: one, path: 'a', sessionId: one, ttlMs: TERM_MS })
    return async () => !(await store.commit([{ kind: 'claim', area: one, path: 'a', sessionId: other, ttlMs: 1 }])).ok
  },
  async 'the half of a claim'(store, one) {
    await done(store, { kind: 'claim', area: one, path: 'a', sessionId: one, ttlMs: 2 * TERM_MS })
    return async () => (await done(store, { kind: 'renewClaims', sessionId: one }))[0].renewed === 0
  },
  async 'mail that expires'(store, one) {
    await publish(store, { channels: [`session:${one}`], expiresAt: (await store.now()) + TERM_MS })
    return async () => (await store.unread(one, 9)).pending > 0
  },
  async 'mail whose expiry is told'(store, one) {
    await publish(store, { channels: [`session:${one}`], expiresAt: (await store.now()) + TERM_MS })
    return async () => (await done(store, { kind: 'expire' }))[0].expired.length === 0
  },
  async 'what a new reader is shown of before'(store, one) {
    await publish(store, { channels: ['topic:late'] })
    return async () => {
      await done(store, { kind: 'follow', sessionId: one, channels: ['topic:late'], backfillMs: TERM_MS })
      return (await store.unread(one, 9)).pending > 0
    }
  },
  async 'the age at which events are forgotten'(store) {
    await publish(store, { channels: ['topic:nobody'] })
    return async () => (await done(store, { kind: 'prune', olderThanMs: TERM_MS }))[0].events === 0
  },
  async 'the age at which ended sessions are forgotten'(store, one) {
    await done(store, { kind: 'endSession', id: one, reason: '' })
    return async () => (await done(store, { kind: 'prune', forgetEndedMs: TERM_MS }))[0].sessions === 0
  },
  async 'the silence that ends a session'(store, one) {
    await done(store, { kind: 'touch', ids: [one] })
    return async () => (await done(store, { kind: 'sweep', silentMs: TERM_MS }))[0].ended.every(({ id }) => id !== one)
  },
}

/** Lets so much time pass, with the store asked for its time all along. */
async function pass({ store, clock }: Bench, ms: number, forwardMsAt: (part: number) => number) {
  const STEPS = 40
  const begunAt = clock.ms
  for (let step = 1; step <= STEPS; step++) {
    clock.ms = begunAt + (ms * step) / STEPS
    clock.setForwardMs = forwardMsAt((clock.ms - begunAt) / TERM_MS)
    const before = await store.now()
    expect(await store.now()).toBeGreaterThanOrEqual(before)
  }
}

/** Every term at this part of it: that it runs still, or that it does not. */
function all(part: number, isRunning: boolean, forwardMsAt: (part: number) => number) {
  return async (bench: Bench) => {
    const { store } = bench
    const asked: [what: string, ask: () => Promise<boolean>][] = []
    for (const [what, begin] of Object.entries(terms)) {
      for (const id of [`${what} 1`, `${what} 2`]) await join(store, id)
      asked.push([what, await begin(store, `${what} 1`, `${what} 2`)])
    }
    await pass(bench, part * TERM_MS, forwardMsAt)
    const runs: Record<string, boolean> = {}
    for (const [what, ask] of asked) runs[what] = await ask()
    expect(runs).toEqual(Object.fromEntries(asked.map(([what]) => [what, isRunning])))
  }
}

const cases: Cases = Object.fromEntries(
  Object.entries(disturbances).flatMap(([date, forwardMsAt]) => [
    [`no term ends too early with the date ${date}`, all(1 - TOLERANCE, true, forwardMsAt)],
    [`every term ends in time with the date ${date}`, all(1 + TOLERANCE, false, forwardMsAt)],
  ]),
)

/** The store's clock, and every term, beside a date that somebody changes. */
export const time: Cases = {
  ...cases,
  'a key is remembered for its week beside a date a year ahead for a moment, and no longer': async bench => {
    const { store, clock } = bench
    const key = { scope: 's', key: 'k', fingerprint: 'f' }
    const again = async () => {
      await done(store, { kind: 'sweep', silentMs: 10 * KEY_MEMORY_MS })
      const commit = await store.commit([{ kind: 'append', event: anEvent() }], key)
      return commit.ok && commit.replayed
    }
    expect(await again()).toBe(false)
    await pass(bench, MINUTE_MS, part => (part < 0.1 ? YEAR_MS : 0))
    clock.ms += KEY_MEMORY_MS - 2 * MINUTE_MS
    expect(await again()).toBe(true)
    clock.ms += 2 * MINUTE_MS
    expect(await again()).toBe(false)
  },
  'time goes on after one event of a year ahead': async ({ store, clock }) => {
    await join(store, 's1')
    await join(store, 's2')
    clock.setForwardMs = YEAR_MS
    await publish(store)
    clock.setForwardMs = 0
    await done(store, { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 1_000 })
    const other = { kind: 'claim', area: 'r', path: 'a', sessionId: 's2', ttlMs: 1_000 } as const
    expect(await refused(store, other)).toMatchObject({ code: 'claim_held' })
    clock.ms += 1_200
    await done(store, other)
    expect((await store.now()) - START_MS).toBeLessThan(MINUTE_MS)
  },
  'a date that is right is followed where it was wrong before': async ({ store, clock }) => {
    clock.setForwardMs = 8 * HOUR_MS
    await store.now()
    clock.ms += 11 * MINUTE_MS
    expect(await store.now()).toBe(clock.wall())
  },
  'a date a year ahead is followed by half a day in ten minutes': async ({ store, clock }) => {
    clock.setForwardMs = YEAR_MS
    for (let minutes = 0; minutes < 60; minutes++) {
      await store.now()
      clock.ms += MINUTE_MS
    }
    const ahead = (await store.now()) - clock.ms
    expect(ahead / DAY_MS).toBeGreaterThan(1)
    expect(ahead / DAY_MS).toBeLessThanOrEqual(3)
  },
  'the sleep of a machine counts at once': async ({ store, clock }) => {
    await store.now()
    clock.sleep(7 * DAY_MS)
    expect(await store.now()).toBe(clock.wall())
  },
  'a store that is ahead goes on, slower, until the date has caught up': async ({ store, clock }) => {
    clock.setForwardMs = -HOUR_MS
    expect(await store.now()).toBe(START_MS)
    clock.ms += HOUR_MS
    expect(await store.now()).toBe(START_MS + 0.9 * HOUR_MS)
    clock.ms += 10 * HOUR_MS
    expect(await store.now()).toBe(clock.wall())
  },
}
