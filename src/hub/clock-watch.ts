import type { Store } from '../bus/store.ts'
import type { MachineClock } from '../bus/store-clock.ts'
import type { Logger } from './log.ts'

/** Less is not worth a word: clocks of a machine are set right by seconds all the time. */
const NOTABLE_MS = 60_000

/** How far the store's clock is ahead of the machine's, by which people read the times of events; negative: behind. */
export async function clockAheadMs(store: Store, clock: MachineClock): Promise<number> {
  return (await store.now()) - clock.wall()
}

/** Writes into the log when the two clocks part, and when they have come together. To be called time and again. */
export function watchClock(store: Store, clock: MachineClock, log: Logger): () => Promise<void> {
  let toldMs = 0
  return async () => {
    const aheadMs = await clockAheadMs(store, clock)
    if (Math.abs(aheadMs - toldMs) < NOTABLE_MS) return
    toldMs = aheadMs
    const how = aheadMs > 0 ? 'ahead of' : 'behind'
    if (Math.abs(aheadMs) < NOTABLE_MS) log.info({ ahead_ms: aheadMs }, "the machine's clock agrees with the store's")
    else log.warn({ ahead_ms: aheadMs }, `the store's clock is ${how} the machine's: the machine's was changed`)
  }
}
