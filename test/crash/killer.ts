import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../linearizability/random.ts'
import { kill9 } from './processes.ts'
import type { TestHome } from './temp-home.ts'

interface Kills {
  readonly restartMs: readonly number[]
}

export interface Killer {
  /** Resolves after the wanted number of kills, or when it was stopped; rejects when no hub comes back. */
  readonly finished: Promise<Kills>
  /** Resolves when the last kill is over and the hub answers again. */
  stop(): Promise<Kills>
}

/** Kills the hub again and again, each time at a random moment after it began to answer. It starts none itself. */
export function killAtRandom(
  home: TestHome,
  random: Random,
  { minMs, maxMs, kills = Number.POSITIVE_INFINITY }: { minMs: number; maxMs: number; kills?: number },
): Killer {
  const stopping = new AbortController()
  const { signal } = stopping

  async function run(): Promise<Kills> {
    const restartMs: number[] = []
    let alive = await home.answering()
    while (restartMs.length < kills) {
      await sleep(minMs + random.below(maxMs - minMs), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) break
      const killedAt = performance.now()
      kill9(alive)
      alive = await home.answering({ otherThan: alive })
      restartMs.push(performance.now() - killedAt)
    }
    return { restartMs }
  }

  const finished = run()
  // Whoever waits for it gets the error; until then it is no unhandled one.
  finished.catch(() => undefined)
  return {
    finished,
    async stop() {
      stopping.abort()
      return await finished
    },
  }
}
