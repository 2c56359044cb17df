import { toolsetsOf } from '../bus/toolsets.ts'
import { wakeRoutesOf } from '../bus/wake-routes.ts'
import { backfillMinutes } from './backfill.ts'

interface SessionSetting {
  readonly name: string
  readonly variable: string
  /** What it says, in words; throws where that is nothing that there is. */
  readonly read: (env: NodeJS.ProcessEnv) => string
}

/** What the environment says to a session. One that is refused keeps the session off the bus, and `doctor` says why. */
export const SESSION_SETTINGS: readonly SessionSetting[] = [
  {
    name: 'toolsets',
    variable: 'SWITCHBOARD_TOOLSETS',
    read: env => toolsetsOf(env.SWITCHBOARD_TOOLSETS).join(', '),
  },
  {
    name: 'doorbell',
    variable: 'SWITCHBOARD_DOORBELL',
    read: env => `SWITCHBOARD_DOORBELL permits ${wakeRoutesOf(env.SWITCHBOARD_DOORBELL).join(', ') || 'none'}`,
  },
  {
    name: 'backfill',
    variable: 'SWITCHBOARD_BACKFILL_MINUTES',
    read: env => `${backfillMinutes(env, { isAgent: true })} min of broadcasts for a session that starts`,
  },
]
