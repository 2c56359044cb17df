import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `look` gives something, and gives that; throws after `withinMs`. */
export async function until(what, look, withinMs = 20_000) {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs} ms`)
    await sleep(10)
  }
}
