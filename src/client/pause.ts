import { setTimeout as sleep } from 'node:timers/promises'

/** Pauses that grow and differ a little, so that many who lost the same hub do not come back in one instant. */
export function createPauses(options: { firstMs: number; maxMs: number; signal?: AbortSignal | undefined }) {
  let nextMs = options.firstMs
  return {
    /** Waits, at most `limitMs`; rejects with the signal's reason on abort. */
    async wait(limitMs = Number.POSITIVE_INFINITY): Promise<void> {
      const ms = Math.min(limitMs, nextMs * (0.75 + Math.random() / 2))
      nextMs = Math.min(options.maxMs, nextMs * 2)
      const { signal } = options
      try {
        await sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal })
      } catch (error) {
        throw signal?.aborted ? signal.reason : error
      }
    },
    reset(): void {
      nextMs = options.firstMs
    },
  }
}
