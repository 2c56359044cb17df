import { distance } from 'fastest-levenshtein'
import { cutTo } from './cut.ts'

/** Names that address something else already. */
const RESERVED = new Set(['all', 'operator', 'system', 'me'])

export function isReserved(name: string): boolean {
  return RESERVED.has(name)
}

/** A name a session may bear: no blanks, colons or commas, so that it can stand in an address list. */
export function cleanName(wanted: string): string {
  const cleaned = cutTo(
    wanted
      .normalize('NFC')
      .replace(/[\s:,@]+/g, '-')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: names are printed to terminals, so control bytes go.
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
      .replace(/^-+|-+$/g, ''),
    100,
  )
  if (cleaned === '') return 'session'
  return isReserved(cleaned) ? `${cleaned}-1` : cleaned
}

/** The wanted name, or the first of `name-2`, `name-3` … that nobody bears. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  for (let n = 2; ; n++) {
    const candidate = `${wanted}-${n}`
    if (!taken.has(candidate)) return candidate
  }
}

/** What a session is called that says nothing: its branch says what it works on, its folder where. */
export function defaultName(facts: { branch?: string; worktree?: string; cwd?: string; repo?: string }): string {
  const folder = (facts.worktree ?? facts.cwd ?? '').split(/[\\/]/).filter(Boolean).at(-1)
  const isTrunk = facts.branch === undefined || ['main', 'master', 'trunk', 'HEAD'].includes(facts.branch)
  return isTrunk ? (folder ?? facts.branch ?? 'session') : facts.branch!
}

/** Up to `count` of the known names that look most like what was written, for "did you mean". */
export function nearest(written: string, known: readonly string[], count = 3): string[] {
  const lower = written.toLowerCase()
  return [...new Set(known)]
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
