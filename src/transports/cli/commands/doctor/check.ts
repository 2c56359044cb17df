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
