import { BusError } from '../../../../bus/errors.ts'
import { toolsetsOf } from '../../../../bus/toolsets.ts'
import { type Check, fail, ok } from './check.ts'

const NAME = 'toolsets'

/** Sessions that start in this environment get these tools only. */
export function toolsets({ SWITCHBOARD_TOOLSETS: written }: NodeJS.ProcessEnv): Check[] {
  if (!written) return []
  try {
    return [ok(NAME, toolsetsOf(written).join(', '))]
  } catch (error) {
    if (!(error instanceof BusError)) throw error
    return [fail(NAME, error.message, error.next ?? '')]
  }
}
