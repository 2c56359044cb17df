import { defined } from '../bus/defined.ts'
import type { Store } from '../bus/store.ts'
import type { Config } from '../home/config.ts'

const DAY_MS = 24 * 3600_000

/** Forgets what the configuration says, which is nothing unless it says so. What somebody has not read stays. */
export async function retain(store: Store, { maxAgeDays, maxEvents }: Config['retention']): Promise<number> {
  if (maxAgeDays === undefined && maxEvents === undefined) return 0
  const commit = await store.commit([
    defined({
      kind: 'prune',
      olderThanMs: maxAgeDays === undefined ? undefined : maxAgeDays * DAY_MS,
      keepNewest: maxEvents,
    }),
  ])
  return commit.ok ? commit.results[0].events : 0
}
