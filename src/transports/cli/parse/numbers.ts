import { BusError } from '../../../bus/errors.ts'

export function seconds(typed: string, label: string): number {
  const value = typed.trim() === '' ? Number.NaN : Number(typed)
  if (Number.isFinite(value) && value > 0) return value
  throw new BusError('invalid_input', `${label}: expected a number of seconds above 0, got ${JSON.stringify(typed)}`)
}

export function optionalWholeNumber(typed: unknown, label: string, min: number, max: number): number | undefined {
  if (typed === undefined) return undefined
  const value = /^\d+$/.test(String(typed)) ? Number(typed) : Number.NaN
  if (value >= min && value <= max) return value
  throw new BusError(
    'invalid_input',
    `${label}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(String(typed))}`,
  )
}
