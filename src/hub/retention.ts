import { defined } from '../bus/defined.ts'
import type { Store } from '../bus/store.ts'
import type { Config } from '../home/config.ts'
import { pruneAndTell } from '../operations/notices.ts'

const DAY_MS = 24 * 3600_000

/** How long a session that has ended keeps its mail where only the number of events is bounded. */
const ENDED_DAYS = 30

/**
 * Forgets what the configuration says, which is nothing unless it says so. What somebody has not read stays; but a
 * session that ended longer ago than that is nobody, or the first one to end would keep every later event for ever.
 */
export async function retain(store: Store, { maxAgeDays, maxEvents }: Config['retention']): Promise<number> {
  if (maxAgeDays === undefined && maxEvents === undefined) return 0
  const { events } = await pruneAndTell(
    store,
    defined({
      olderThanMs: maxAgeDays === undefined ? undefined : maxAgeDays * DAY_MS,
      keepNewest: maxEvents,
      forgetEndedMs: (maxAgeDays ?? ENDED_DAYS) * DAY_MS,
    }),
  )
  return events
}
