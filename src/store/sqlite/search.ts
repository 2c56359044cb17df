import { type StoredEvent, searchWords } from '../../bus/event.ts'

export function wordsOf(event: StoredEvent): Set<string> {
  return new Set(searchWords([event.text, event.title ?? '', event.type, ...(event.tags ?? [])].join(' ')))
}

/** Every word here is letters, digits and `_`, so quoting needs no escape. */
export function matchAll(words: readonly string[]): string {
  return words.map(word => `"${word}"`).join(' AND ')
}
