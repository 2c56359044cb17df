import { Session } from 'node:inspector/promises'

/**
 * Counts work as V8 does for its coverage reports: how often each block of JavaScript ran, the same on every machine
 * however busy it is. Work inside SQLite, regular expressions and JSON is not among it.
 */
export async function openMeter() {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

  /** Blocks that ran since the last question. */
  async function blocks(): Promise<number> {
    const { result } = await session.post('Profiler.takePreciseCoverage')
    return result
      .filter(({ url }) => /\/(src|node_modules)\//.test(url) && !/\/(vitest|@vitest|vite|chai)\//.test(url))
      .flatMap(({ functions }) => functions)
      .flatMap(({ ranges }) => ranges)
      .reduce((sum, { count }) => sum + count, 0)
  }

  return {
    /** Runs it, and gives how many blocks of ours that took. */
    async count(run: () => unknown): Promise<number> {
      await blocks()
      await run()
      return await blocks()
    },
    close: () => session.disconnect(),
  }
}
