import { duration } from '../../../../bus/duration.ts'
import type { HubInfo } from '../../hub-info.ts'
import { type Check, ok, warn } from './check.ts'

const NAME = 'clock'
const NOTABLE_MS = 60_000

/** The store's clock against this machine's, by which people read the times of events. Terms run right either way. */
export function clockCheck({ clock_ahead_ms: aheadMs }: HubInfo): Check {
  const apart = duration(aheadMs / 1000)
  if (Math.abs(aheadMs) < NOTABLE_MS) return ok(NAME, `the store's and this machine's are ${apart} apart`)
  return aheadMs > 0
    ? warn(
        NAME,
        `the store's is ${apart} ahead of this machine's, which was set back: new events bear times that are too late, terms last as long as ever`,
        `If this machine's is right (\`date\`), nothing: the store's goes a tenth slower until the two meet.`,
      )
    : warn(
        NAME,
        `the store's is ${apart} behind this machine's, which was set forward: new events bear times that are too early, terms last as long as ever`,
        `If this machine's is right (\`date\`), nothing: the store's follows within hours. Else set this machine's right soon.`,
      )
}
