import { BusError } from '../bus/errors.ts'
import { joined, quoted, type Said, say } from '../bus/say.ts'

/** What Node puts for every byte that is no UTF-8, so that several names of the system become one. */
const REPLACED = '\ufffd'

/** Whether a text of the system (an argument, a variable, a path) is what stands there. */
export function isWhole(text: string): boolean {
  return !text.includes(REPLACED)
}

/** Refuses what may be another text than the one that was meant. The sign itself cannot be told from what it stands for. */
export function requireWhole(text: string, expected: Said, next: Said): void {
  if (isWhole(text)) return
  throw new BusError(
    'invalid_input',
    joined(', ', [say`expected ${expected} in UTF-8`, say`got ${quoted(text)} with other bytes`]),
    {
      next,
    },
  )
}
