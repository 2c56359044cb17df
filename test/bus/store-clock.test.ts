import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StoreClock } from '../../src/bus/store-clock.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { cases } from '../tier.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const span = fc.oneof(
  fc.integer({ max: 10_000, min: 0 }),
  fc.constantFrom(MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 8 * DAY_MS),
)
const step = fc.oneof(
  { weight: 6, arbitrary: span.map(ms => ({ does: 'pass', ms }) as const) },
  { weight: 1, arbitrary: span.map(ms => ({ does: 'sleep', ms }) as const) },
  { weight: 1, arbitrary: span.map(ms => ({ does: 'restart', ms }) as const) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        0,
        1_000,
        -1_000,
        50_000,
        HOUR_MS,
        -3 * HOUR_MS,
        DAY_MS,
        365 * DAY_MS,
        -365 * DAY_MS,
        -20_000 * DAY_MS,
      )
      .map(ms => ({ does: 'date', ms }) as const),
  },
)

test('time never runs backwards, goes on with the steady clock, and is taken along by a wrong date within bounds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const machine = new TestMachine(20_000 * DAY_MS)
      let clock = new StoreClock(machine)
      const begun = clock.now()
      let before = begun
      let [passedMs, sleptMs, restarts] = [0, 0, 0]
      for (const { does, ms } of steps) {
        if (does === 'date') machine.setForwardMs = ms
        if (does === 'pass') {
          machine.ms += ms
          passedMs += ms
        }
        if (does === 'sleep') {
          machine.sleep(ms)
          sleptMs += ms
        }
        if (does === 'restart') {
          const kept = { latest: clock.now(), aheadMs: clock.aheadMs }
          machine.ms += ms
          clock = new StoreClock(machine, kept)
          restarts++
        }
        const now = clock.now()
        expect(now - before).toBeGreaterThanOrEqual(does === 'pass' ? 0.9 * ms - 1 : 0)
        const steppedMs = Math.floor(passedMs / (10 * MINUTE_MS)) * 12 * HOUR_MS
        expect(now - begun).toBeLessThanOrEqual(1.1 * (passedMs + sleptMs) + restarts * 31 * DAY_MS + steppedMs + 1)
        before = now
      }
    }),
    cases(2_000),
  )
})

test('a clock that is asked all the time goes as exactly as one that is asked seldom', () => {
  const machine = new TestMachine(20_000 * DAY_MS + 0.25)
  const clock = new StoreClock(machine)
  const begun = clock.now()
  for (let n = 0; n < 100_000; n++) {
    machine.ms += 0.01
    clock.now()
  }
  expect(clock.now() - begun).toBeGreaterThanOrEqual(999)
  expect(clock.now() - begun).toBeLessThanOrEqual(1_001)
})
