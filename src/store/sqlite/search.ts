import { type StoredEvent, searchWords } from '../../bus/event.ts'

export function wordsOf(event: StoredEvent): Set<string> {
  return new Set(searchWords([event.text, event.title ?? '', event.type, ...(event.tags ?? [])].join(' ')))
}

/** Reads the event once, however many words are looked for, and no further than to the last that was missing. */
export function hasAllWords(event: StoredEvent, words: readonly string[]): boolean {
  const missing = new Set(words)
  for (const text of [event.type, event.title ?? '', ...(event.tags ?? []), event.text]) {
    for (const word of searchWords(text)) {
      missing.delete(word)
      if (missing.size === 0) return true
    }
  }
  return missing.size === 0
}

/** Every word here is letters, digits and `_`, so quoting needs no escape. */
export function matchAll(words: readonly string[]): string {
  return words.map(word => `"${word}"`).join(' AND ')
}
