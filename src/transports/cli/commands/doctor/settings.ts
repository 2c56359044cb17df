import { BusError } from '../../../../bus/errors.ts'
import { SESSION_SETTINGS } from '../../../../home/session-settings.ts'
import { type Check, fail, ok } from './check.ts'

/** What this environment says to sessions that start in it. */
export function settings(env: NodeJS.ProcessEnv): Check[] {
  return SESSION_SETTINGS.filter(({ variable }) => env[variable]).map(({ name, read }) => {
    try {
      return ok(name, read(env))
    } catch (error) {
      if (!(error instanceof BusError)) throw error
      return fail(name, error.message, error.next ?? '')
    }
  })
}
