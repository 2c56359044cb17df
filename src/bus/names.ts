import { distance } from 'fastest-levenshtein'
import { LIMITS } from './limits.ts'

/** What is longer is no slip of the pen. */
const MAX_WRITTEN_CHARS = 300

/** Up to `count` of the known names that look most like what was written, for "did you mean". */
export function nearest(written: string, known: readonly string[], count = 3): string[] {
  if (written.length > MAX_WRITTEN_CHARS) return []
  const lower = written.toLowerCase()
  return [...new Set(known)]
    .slice(0, LIMITS.knownNames)
    .map(name => ({ name, steps: stepsBetween(lower, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= Math.max(2, Math.ceil(written.length / 2)))
    .sort((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name)
}

/** Someone who writes part of a name means it: the beginning counts as the name itself, any other part as one step. */
function stepsBetween(a: string, b: string): number {
  if (b.startsWith(a) || a.startsWith(b)) return 0
  return b.includes(a) || a.includes(b) ? 1 : distance(a, b)
}
