// biome-ignore lint/plugin: it asks until a condition holds, and gives up where that hangs.
import { setTimeout as sleep } from 'node:timers/promises'

/** Guards against a hang, and says which condition it was: a loaded machine takes a small part of it. */
export const HANG_MS = 120_000
const ASK_EVERY_MS = 15

interface Waiting {
  /** Added to the error when the wait is in vain. */
  readonly what?: string
  /** What was there instead. */
  readonly detail?: () => string | Promise<string>
}

/** Asks until the answer is something; a fault of the question counts as none. */
export async function until<T>(find: () => T | Promise<T>, waiting: Waiting = {}): Promise<Found<T>> {
  let found: T | undefined
  await untilPasses(
    async () => {
      found = await find()
      if (!found) throw new Error('nothing')
    },
    { what: String(find), ...waiting },
  )
  return found as Found<T>
}

type Found<T> = Exclude<T, undefined | null | false>

/** Asks until the check does not throw; its last fault is the cause of the error. */
export async function untilPasses(check: () => unknown, { what, detail }: Waiting = {}): Promise<void> {
  // biome-ignore-start lint/plugin: against a hang.
  const giveUpAt = performance.now() + HANG_MS
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (performance.now() > giveUpAt) {
        // biome-ignore-end lint/plugin: see above
        const instead = detail === undefined ? '' : `; instead: ${await detail()}`
        throw new Error(`waited in vain for ${what ?? check}${instead}\n${(error as Error).message}`, { cause: error })
      }
    }
    await sleep(ASK_EVERY_MS)
  }
}
