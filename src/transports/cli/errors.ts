import { BusError, ERRORS } from '../../bus/errors.ts'
import { retold } from '../../bus/say.ts'
import type { Io } from './io.ts'
import { plainText } from './render/plain-text.ts'

/** Says what went wrong and what to do next; gives the exit code of the registry. */
export function printError(error: unknown, isJson: boolean, { err, env }: Io): number {
  const known = error instanceof BusError ? error : internal(error)
  if (isJson) {
    err.json({ error: known.toBody() })
  } else {
    err.line(`${err.look.paint('red', 'error:')} ${plainText(known.message)}`)
    if (known.next !== undefined) err.line(`${err.look.paint('dim', 'next:')} ${plainText(known.next)}`)
  }
  if (env.SWITCHBOARD_DEBUG) err.line(plainText(String((error as Error | undefined)?.stack ?? error)))
  return ERRORS[known.code].exit
}

function internal(cause: unknown): BusError {
  return new BusError('internal', retold(cause instanceof Error ? cause.message : String(cause)), {
    next: 'Set SWITCHBOARD_DEBUG=1 to see where, and run `switchboard doctor`.',
    cause,
  })
}
