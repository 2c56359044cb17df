import { BusError, ERRORS } from '../bus/errors.ts'

/**
 * A refusal for a caller that may not read: of what it meets on the bus it learns that it is there, and numbers, but no
 * text that others wrote. Which codes tell of others, the registry says.
 */
export function withheld(error: unknown): unknown {
  if (!(error instanceof BusError) || !('tellsOfOthers' in ERRORS[error.code])) return error
  const numbers = Object.entries(error.details ?? {}).filter(([, value]) => typeof value === 'number')
  return new BusError(error.code, ERRORS[error.code].meaning, {
    next: 'A credential that has the scope read is told which.',
    ...(numbers.length > 0 ? { details: Object.fromEntries(numbers) } : {}),
    cause: error,
  })
}
