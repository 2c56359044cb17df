import { BusError } from '../../../bus/errors.ts'
import { quoted, say } from '../../../bus/say.ts'

/** 23 days: the system's timers hold little more, and end at once beyond that. */
const MAX_SECONDS = 2_000_000

export function seconds(typed: string, label: string): number {
  const value = typed.trim() === '' ? Number.NaN : Number(typed)
  if (value > MAX_SECONDS) {
    throw new BusError('invalid_input', say`${label}: expected at most ${MAX_SECONDS} seconds, got ${quoted(typed)}`)
  }
  if (value > 0) return value
  throw new BusError('invalid_input', say`${label}: expected a number of seconds above 0, got ${quoted(typed)}`)
}

export function optionalWholeNumber(typed: unknown, label: string, min: number, max: number): number | undefined {
  if (typed === undefined) return undefined
  const value = /^\d+$/.test(String(typed)) ? Number(typed) : Number.NaN
  if (value >= min && value <= max) return value
  throw new BusError(
    'invalid_input',
    say`${label}: expected a whole number from ${min} to ${max}, got ${quoted(String(typed))}`,
  )
}
