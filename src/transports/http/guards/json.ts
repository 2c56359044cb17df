import type { IncomingMessage } from 'node:http'
import { BusError } from '../../../bus/errors.ts'
import { faultInJson, LEVELS_AROUND_ARGUMENTS } from '../../../bus/json-text.ts'
import { retold, say } from '../../../bus/say.ts'

const UTF_8 = /^charset *= *"?utf-?8"?$/

/** Denies what a web form could send without asking (see "simple requests" in the Fetch standard), and packed bodies. */
export function declaredJson(incoming: IncomingMessage): void {
  const type = incoming.headers['content-type']
  if (type === undefined || !isJsonType(type)) {
    throw new BusError('invalid_input', say`expected Content-Type: application/json, got ${type ?? 'none'}`)
  }
  const encoding = incoming.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new BusError('invalid_input', say`expected a body without Content-Encoding, got ${encoding}`)
  }
}

/** In UTF-8, where it says so; other parameters change nothing. */
function isJsonType(written: string): boolean {
  const [type, ...parameters] = written.split(';').map(part => part.trim().toLowerCase())
  return type === 'application/json' && parameters.every(each => !each.startsWith('charset') || UTF_8.test(each))
}

/** Denies nesting that could not be printed again and numbers that would change, before anything is parsed. */
function faultless(text: string, levelsAround: number): void {
  const fault = faultInJson(text, levelsAround)
  if (fault !== undefined) throw new BusError('invalid_input', retold(fault))
}

/** The body's JSON object; nothing at all means an empty one. */
export function parsedObject(text: string): Record<string, unknown> {
  if (text === '') return {}
  faultless(text, 1)
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BusError('invalid_input', say`expected a JSON object, got ${kindOf(value)}`)
  }
  if (mayNameProto(text)) refuseProto(value)
  return value as Record<string, unknown>
}

/** The same limits for a body of JSON-RPC, which somebody else parses. */
export function harmlessJson(text: string): void {
  faultless(text, LEVELS_AROUND_ARGUMENTS)
  if (!mayNameProto(text)) return
  const value = parsed(text)
  if (typeof value === 'object' && value !== null) refuseProto(value)
}

/** The key may be written with escapes, so whatever could spell it is looked at. */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // V8 quotes the text around the fault: a caller's own words, but they have no place in an error.
    const where = /at position \d+/.exec((error as Error).message)?.[0]
    throw new BusError(
      'invalid_input',
      say`expected JSON, got something else${say(where === undefined ? '' : ' ')}${where ?? ''}`,
    )
  }
}

/** Denies the key that `Object.assign` turns into a prototype wherever the value goes next. */
function refuseProto(value: object): void {
  if (Object.hasOwn(value, '__proto__')) {
    throw new BusError('invalid_input', 'expected no key called `__proto__`')
  }
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) refuseProto(child)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
