import { foldCase } from './claim.ts'
import type { Place } from './place.ts'

/**
 * Who edited which file lately. Kept in memory only: it exists to tell two sessions that they are in one file at the
 * same time, and ten minutes after a restart it knows again what there is to know.
 */
export const EDIT_MEMORY_MS = 10 * 60_000

/** Files remembered; the longest unedited are forgotten first. */
const MAX_FILES = 10_000
/** Editors of one file and pairs that were told; each edit tells all of the others. */
const MAX_EDITORS = 20
const MAX_TOLD = 10_000

export class EditBoard {
  /** When each session edited a file last, as all of these the latest last. */
  readonly #files = new Map<string, Map<string, number>>()
  /** Pairs that were told about a file, so that each is told once while it lasts. */
  readonly #told = new Map<string, number>()

  /** Notes an edit, and gives the others that edited this file within the memory. Times are the store's. */
  note(file: Place, sessionId: string, now: number): string[] {
    const key = keyOf(file)
    const edits = this.#files.get(key) ?? new Map<string, number>()
    this.#files.delete(key)
    this.#files.set(key, edits)
    edits.delete(sessionId)
    edits.set(sessionId, now)
    forget(edits, now, MAX_EDITORS)
    if (this.#files.size > MAX_FILES) this.#files.delete(this.#files.keys().next().value!)
    return [...edits.keys()].filter(id => id !== sessionId)
  }

  /** Whether these two are yet to be told that they meet in this file; asking counts as telling. */
  shouldTell(file: Place, one: string, other: string, now: number): boolean {
    forget(this.#told, now, MAX_TOLD)
    const key = JSON.stringify([keyOf(file), ...[one, other].sort()])
    if (this.#told.has(key)) return false
    this.#told.set(key, now)
    return true
  }
}

/** The oldest come first, so it is done at the first that is to stay. */
function forget(times: Map<string, number>, now: number, max: number): void {
  for (const [key, at] of times) {
    if (times.size <= max && now - at <= EDIT_MEMORY_MS) return
    times.delete(key)
  }
}

function keyOf({ area, path, foldsCase }: Place): string {
  return JSON.stringify([area, foldsCase ? foldCase(path) : path])
}
