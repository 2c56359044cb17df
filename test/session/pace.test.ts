import { expect, it } from 'vitest'
import { createPace } from '../../src/session/doorbell/pace.ts'

function paced() {
  let ms = 0
  const pace = createPace({ burst: 3, perSecond: 0.5, now: () => ms })
  return {
    pace,
    pass: (passedMs: number) => {
      ms += passedMs
    },
    /** How often it may be done now. */
    rush: () => {
      let times = 0
      for (; pace.restMs() === 0; times++) pace.done()
      return times
    },
  }
}

it('lets so many pass at once, and then one each two seconds', () => {
  const { pace, pass, rush } = paced()
  expect(rush()).toBe(3)
  expect(pace.restMs()).toBe(2_000)
  pass(500)
  expect(pace.restMs()).toBe(1_500)
  pass(1_500)
  expect(rush()).toBe(1)
  pass(5_000)
  expect(rush()).toBe(2)
})

it('lets no more than so many pass after a long rest', () => {
  const { pass, rush } = paced()
  pass(3_600_000)
  expect(rush()).toBe(3)
})
