import { until } from '../until.ts'
import { kill9 } from './processes.ts'
import type { TestHome } from './temp-home.ts'

export interface Killer {
  /** Resolves with the number of kills when all wanted are done, or it was stopped; rejects when no hub comes back. */
  readonly finished: Promise<number>
  /** Resolves when the last kill is over and the hub answers again. */
  stop(): Promise<number>
}

/**
 * Kills the hub again and again, each time when so much more has been done with it as `next` says: so a slow machine has
 * as many kills in as much work as a fast one. It starts none itself.
 */
export function killWhileWorking(
  home: TestHome,
  { done, next, kills: wanted = Number.POSITIVE_INFINITY }: { done: () => number; next: () => number; kills?: number },
): Killer {
  let isStopping = false

  async function run(): Promise<number> {
    let kills = 0
    let alive = await home.answering()
    while (kills < wanted && !isStopping) {
      const goal = done() + next()
      await until(() => isStopping || done() >= goal, { what: `${goal} to be done, before kill ${kills + 1}` })
      if (isStopping) break
      kill9(alive)
      alive = await home.answering({ otherThan: alive })
      kills++
    }
    return kills
  }

  const finished = run()
  // A caller that awaits it gets the error; until then it must not count as unhandled.
  finished.catch(() => undefined)
  return {
    finished,
    async stop() {
      isStopping = true
      return await finished
    },
  }
}
