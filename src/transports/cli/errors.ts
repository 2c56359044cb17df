import { BusError, ERRORS } from '../../bus/errors.ts'
import { indented, retold, Said, say } from '../../bus/say.ts'
import type { Io } from './io.ts'
import { inRows } from './render/rows.ts'

/** Says what went wrong and what to do next; gives the exit code of the registry. */
export function printError(error: unknown, isJson: boolean, { err, env }: Io): number {
  const known = error instanceof BusError ? error : internal(error)
  // Its texts were put together by `say`: they could be no others.
  if (isJson) {
    err.json({ error: known.toBody() })
  } else {
    err.line(inRows(say`${err.look.paint('red', 'error:')} ${Said.trusted(known.message)}`, err.look))
    if (known.next !== undefined) {
      err.line(inRows(say`${err.look.paint('dim', 'next:')} ${Said.trusted(known.next)}`, err.look))
    }
  }
  if (env.SWITCHBOARD_DEBUG) err.line(indented(String((error as Error | undefined)?.stack ?? error)))
  return ERRORS[known.code].exit
}

function internal(cause: unknown): BusError {
  return new BusError('internal', retold(cause instanceof Error ? cause.message : String(cause)), {
    next: 'Set SWITCHBOARD_DEBUG=1 to see where, and run `switchboard doctor`.',
    cause,
  })
}
