import { foldCase } from './claim.ts'
import type { Place } from './place.ts'

/**
 * Who edited which file lately. Kept in memory only: it exists to tell two sessions that they are in one file at the
 * same time, and ten minutes after a restart it knows again what there is to know.
 */
export const EDIT_MEMORY_MS = 10 * 60_000

/** Files remembered; the longest unedited are forgotten first. */
const MAX_FILES = 10_000

export class EditBoard {
  readonly #files = new Map<string, Map<string, number>>()
  /** Pairs that were told about a file, so that each is told once while it lasts. */
  readonly #told = new Map<string, number>()

  /** Notes an edit, and gives the others that edited this file within the memory. Times are the store's. */
  note(file: Place, sessionId: string, now: number): string[] {
    const key = keyOf(file)
    const edits = this.#files.get(key) ?? new Map<string, number>()
    this.#files.delete(key)
    this.#files.set(key, edits)
    edits.set(sessionId, now)
    for (const [id, at] of edits) if (now - at > EDIT_MEMORY_MS) edits.delete(id)
    if (this.#files.size > MAX_FILES) this.#files.delete(this.#files.keys().next().value!)
    return [...edits.keys()].filter(id => id !== sessionId)
  }

  /** Whether these two are yet to be told that they meet in this file; asking counts as telling. */
  shouldTell(file: Place, one: string, other: string, now: number): boolean {
    for (const [key, at] of this.#told) if (now - at > EDIT_MEMORY_MS) this.#told.delete(key)
    const key = JSON.stringify([keyOf(file), ...[one, other].sort()])
    if (this.#told.has(key)) return false
    this.#told.set(key, now)
    return true
  }
}

function keyOf({ area, path, foldsCase }: Place): string {
  return JSON.stringify([area, foldsCase ? foldCase(path) : path])
}
