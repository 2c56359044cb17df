import { shortened } from './cut.ts'
import { LIMITS } from './limits.ts'
import { quoted, say } from './say.ts'

/**
 * What `JSON.parse` would lose in silence, or what could not be printed again. It is judged on the text, before anything
 * is parsed, in one pass. Whatever parses JSON that somebody else wrote asks here first.
 *
 * Numbers are doubles. One is refused where its digits would not come out again: whole numbers past 2^53 that a double
 * does not hold (`9007199254740993`), what is too large (`1e400`) or too small (`1e-400`) for one. A fraction is kept
 * to the 17 digits of a double, and -0 is 0.
 *
 * A name that stands twice in an object is refused: parsing keeps the last, and another reader of the same text the first.
 *
 * `levelsAround`: levels of nesting that belong to what a value comes in.
 */
export function faultInJson(text: string, levelsAround: number): string | undefined {
  const counted: Counted = { depth: 0, values: 1, fields: 0, names: [] }
  // The latest text in quotes: a colon makes it a name.
  let [quote, end] = [0, 0]
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      quote = i
      i = end = endOfString(text, i)
    } else if (isDigit(char)) {
      const last = endOfNumber(text, i)
      // Fifteen digits always come out again, and most numbers have fewer.
      const fault = last - i > 15 || hasExponent(text, i, last) ? faultInNumber(text.slice(i, last)) : undefined
      if (fault !== undefined) return fault
      i = last - 1
    } else if (isStructure(char)) {
      const isName = char === COLON && quote < end
      const fault =
        tooMuch(counted, char, levelsAround) ?? (isName ? twice(counted, text.slice(quote, end + 1)) : undefined)
      if (fault !== undefined) return fault
      // What follows is no name, however many colons do.
      quote = end
    }
  }
  return undefined
}

interface Counted {
  depth: number
  values: number
  fields: number
  /** Of each object that is open, the names so far; undefined for a list. */
  readonly names: (Set<string> | undefined)[]
}

function twice({ names }: Counted, written: string): string | undefined {
  const known = names.at(-1)
  const name = nameIn(written)
  if (known?.has(name)) return say`expected each name once in an object, got ${quoted(name, 60)} twice`.text
  known?.add(name)
  return undefined
}

/** Two spellings of one name are the same name. */
function nameIn(written: string): string {
  if (!written.includes('\\')) return written.slice(1, -1)
  try {
    return JSON.parse(written)
  } catch {
    // No JSON, as the parser will say.
    return written
  }
}

/** Counts on at a comma or colon, and where a list or an object begins or ends. */
function tooMuch(counted: Counted, char: number, levelsAround: number): string | undefined {
  if (char === COLON) {
    return ++counted.fields > LIMITS.jsonFields ? `expected at most ${LIMITS.jsonFields} fields in objects` : undefined
  }
  if (char === 0x5d || char === 0x7d) {
    counted.depth--
    counted.names.pop()
    return undefined
  }
  if (++counted.values > LIMITS.jsonValues) return `expected at most ${LIMITS.jsonValues} values in lists and objects`
  if (char !== COMMA) counted.names.push(char === 0x7b ? new Set() : undefined)
  if (char !== COMMA && ++counted.depth > LIMITS.jsonDepth + levelsAround) {
    return `expected at most ${LIMITS.jsonDepth} levels of nesting`
  }
  return undefined
}

function isStructure(char: number): boolean {
  return char === COMMA || char === COLON || char === 0x5b || char === 0x7b || char === 0x5d || char === 0x7d
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((text.charCodeAt(i) | 0x20) === 0x65) return true
  return false
}

function faultInNumber(number: string): string | undefined {
  if (isKept(number)) return undefined
  return `expected numbers that a double can hold, got ${shortened(number, 60)}: send it as text, in quotes`
}

/** A message of JSON-RPC, perhaps in a batch, with the arguments of a tool: `[{"params":{"arguments":{"value":…`. */
export const LEVELS_AROUND_ARGUMENTS = 4

const COMMA = 0x2c
const COLON = 0x3a
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** At the quote that ends it, which no odd number of backslashes precedes; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let from = at
    while (text.charCodeAt(from - 1) === BACKSLASH) from--
    if ((at - from) % 2 === 0) return at
  }
  return text.length
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39
}

/** The sign before it changes nothing. What is longer than any number ends before its end. */
function endOfNumber(text: string, start: number): number {
  let end = start
  while (end - start <= MAX_NUMBER_CHARS && isOfNumber(text.charCodeAt(end))) end++
  return end
}

function isOfNumber(char: number): boolean {
  return isDigit(char) || char === 0x2e || char === 0x65 || char === 0x45 || char === 0x2b || char === 0x2d
}

/** The largest double has 309 digits. */
const MAX_NUMBER_CHARS = 400

function isKept(number: string): boolean {
  if (number.length > MAX_NUMBER_CHARS) return false
  const value = Number(number)
  // What is no number either, the parser says in its own words.
  if (Number.isNaN(value)) return true
  if (value === 0) return !/[1-9]/.test(number.split(/[eE]/, 1)[0]!)
  // Whole numbers up to here are exact, and fractions as near as a double comes.
  return value <= Number.MAX_SAFE_INTEGER || (Number.isFinite(value) && areSameDigits(number, String(value)))
}

function areSameDigits(a: string, b: string): boolean {
  const [one, other] = [digitsOf(a), digitsOf(b)]
  return one.digits === other.digits && one.exponent === other.exponent
}

/** As 0.digits × 10^exponent, without zeros at either end. */
function digitsOf(number: string): { digits: string; exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const all = whole + fraction
  const leading = all.length - all.replace(/^0+/, '').length
  return { digits: all.replace(/^0+|(?<!0)0+$/g, ''), exponent: whole.length - leading + Number(exponent) }
}
