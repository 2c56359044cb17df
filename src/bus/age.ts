const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How old a message is, in one unit: `28m`, `3h`, `2d`. Within its first minute it is new, and nothing is said. */
export function ageOf(at: number, now: number): string | undefined {
  const ms = now - at
  if (ms < MINUTE_MS) return undefined
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`
  return `${Math.floor(ms / DAY_MS)}d`
}
