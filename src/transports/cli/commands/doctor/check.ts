import { BusError } from '../../../../bus/errors.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found. */
  readonly found: string
  /** What to do about it, where it is not ok. */
  readonly mend?: string
}

export function ok(name: string, found: string): Check {
  return { name, state: 'ok', found }
}

export function warn(name: string, found: string, mend: string): Check {
  return { name, state: 'warn', found, mend }
}

export function fail(name: string, found: string, mend: string): Check {
  return { name, state: 'fail', found, mend }
}

/** A look that failed is a finding; one that this credential may not have is none. */
export function notDone(name: string, error: unknown): Check {
  const { message } = error as Error
  const { code, next } = error instanceof BusError ? error : { code: undefined, next: undefined }
  if (code === 'forbidden')
    return warn(name, message, 'It was left out. Unset SWITCHBOARD_TOKEN to look as the operator.')
  return fail(name, message, next ?? 'See the hub’s log.')
}
