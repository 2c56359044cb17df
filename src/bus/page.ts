import { LIMITS } from './limits.ts'

/**
 * What one answer holds: so many items, and no more characters than a page may have, but at least one. It stops at the
 * first that does not fit and does not look at the next, so a store reads no further from its disk either.
 */
export function pageOf<T>(items: Iterable<T>, charsOf: (item: T) => number, maxChars: number = LIMITS.pageChars): T[] {
  const page: T[] = []
  let chars = 0
  for (const item of items) {
    chars += charsOf(item)
    if (chars > maxChars && page.length > 0) break
    page.push(item)
  }
  return page
}

export function charsOfJson(value: unknown): number {
  return JSON.stringify(value).length
}
