import { defined } from '../../bus/defined.ts'
import { BusError, ERRORS } from '../../bus/errors.ts'
import { indented, retold, Said, say } from '../../bus/say.ts'
import type { Io } from './io.ts'
import { spoken } from './render/spoken.ts'

/** Says what went wrong and what to do next; gives the exit code of the registry. */
export function printError(error: unknown, isJson: boolean, { err, env, program }: Io): number {
  const known = error instanceof BusError ? error : internal(error)
  // Its texts were put together by `say`: they could be no others.
  const message = Said.trusted(known.message)
  const next = known.next === undefined ? undefined : Said.trusted(known.next)
  if (isJson) {
    const [said, how] = [message, next].map(text => text && spoken(text, program()).text)
    err.json({ error: { ...known.toBody(), ...defined({ message: said, next: how }) } })
  } else {
    err.line(say`${err.look.paint('red', 'error:')} ${message}`)
    if (next !== undefined) err.line(say`${err.look.paint('dim', 'next:')} ${next}`)
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
