/**
 * What text is on the bus: Unicode, without U+0000. Half of a character (a surrogate without its other half) is no
 * Unicode: stores replace it, so that two keys become one, and a client's API refuses a whole conversation that has it.
 * U+0000 ends a text for some of the libraries that text passes through: `src/db.ts\0x` is `src/db.ts` to them.
 */
export function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** The same text with `�` for whatever is none. */
export function asText(text: string): string {
  return isText(text) ? text : text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** Where in a value something stands that cannot be kept, and what is wrong with it in the words of a refusal. */
export interface Fault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The first fault in a value as JSON has it, whatever its shape: every text, every key of an object, every number. */
export function faultIn(value: unknown): Fault | undefined {
  if (typeof value === 'string') return isText(value) ? undefined : { path: [], message: whyNoText(value) }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path: [], message: notFinite(value) }
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const fault = faultIn(item)
      if (fault !== undefined) return { ...fault, path: [i, ...fault.path] }
    }
    return undefined
  }
  for (const key in value) {
    if (!isText(key)) return { path: [key], message: `as a field's name, ${whyNoText(key)}` }
    const fault = faultIn((value as Record<string, unknown>)[key])
    if (fault !== undefined) return { ...fault, path: [key, ...fault.path] }
  }
  return undefined
}

function whyNoText(text: string): string {
  const at = text.indexOf('\0')
  if (at >= 0) return `expected text without U+0000, got it at character ${at}`
  const half = text.search(HALF)
  const unit = text.charCodeAt(half).toString(16).toUpperCase()
  return `expected whole characters, got half of one (U+${unit}) at character ${half}`
}

const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

function notFinite(value: number): string {
  return `expected a number that JSON can hold, got ${value}`
}
