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

/** Whether a dotted version is at least another; suffixes (`3.3a`, `1.0.0-rc`) count as their number. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map(each => each.split('.').map(part => Number.parseInt(part, 10) || 0))
  for (let i = 0; i < Math.max(have!.length, want!.length); i++) {
    const difference = (have![i] ?? 0) - (want![i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
