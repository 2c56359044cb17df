import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { say } from '../bus/say.ts'

/** What a person who comes to a session may want to hear of, and no more than that. */
const OF_AN_HOUR = 60

/**
 * How far back broadcasts are unread for a session that starts, in minutes: as `SWITCHBOARD_BACKFILL_MINUTES` says, else an
 * hour where a person talks to its agent, and nothing where none does. `claude -p` and programs that run the client say
 * so in their entry point (`sdk-cli`, `sdk-ts`, …).
 */
export function backfillMinutes(env: NodeJS.ProcessEnv, { isAgent }: { isAgent: boolean }): number {
  const asked = env.SWITCHBOARD_BACKFILL_MINUTES?.trim()
  if (!asked) return isAgent && !env.CLAUDE_CODE_ENTRYPOINT?.startsWith('sdk') ? OF_AN_HOUR : 0
  if (/^\d+$/.test(asked) && Number(asked) <= LIMITS.backfillMinutes) return Number(asked)
  throw new BusError('invalid_input', say`SWITCHBOARD_BACKFILL_MINUTES is ${asked}`, {
    next: say`Give minutes, from 0 to ${LIMITS.backfillMinutes}, or leave it out.`,
  })
}
