import type { z } from 'zod'
import { shortened } from '../bus/cut.ts'
import { faultIn } from '../bus/text.ts'

type Issue = z.core.$ZodIssue

export type ReadInput<Schema extends z.ZodObject> =
  | { readonly ok: true; readonly input: z.output<Schema> }
  /** The first few, each with its field. */
  | { readonly ok: false; readonly faults: readonly string[] }

const MAX_FAULTS = 5

/**
 * What an input means by its schema. Whatever the schema says of a field, text is text and numbers are numbers in all of
 * it: every door passes here, so that no field can be forgotten.
 */
export function readInput<Schema extends z.ZodObject>(schema: Schema, input: unknown): ReadInput<Schema> {
  const fault = faultIn(input)
  if (fault !== undefined) return { ok: false, faults: [ofField(fault.path, fault.message)] }
  const parsed = schema.safeParse(input)
  if (parsed.success) return { ok: true, input: parsed.data }
  return { ok: false, faults: parsed.error.issues.slice(0, MAX_FAULTS).map(issue => malformed(issue, input)) }
}

/**
 * What is wrong with an input, in the words of every other refusal: what was expected, what came. The schemas' library
 * speaks of types and comparisons, which neither a person nor a model has written.
 */
function malformed(issue: Issue, input: unknown): string {
  return ofField(issue.path, said(issue, valueAt(input, issue.path)))
}

/** A fault with the field that it is in. A field's name may be anybody's text: what is no plain word is quoted. */
function ofField(path: readonly PropertyKey[], fault: string): string {
  const parts = path
    .map(String)
    .map(part => (/^\w{1,60}$/.test(part) ? part : JSON.stringify(shortened(part, MAX_QUOTED))))
  return parts.length === 0 ? fault : `${parts.join('.')}: ${fault}`
}

function said(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message
  if (issue.code === 'unrecognized_keys') {
    return `expected none but known fields, got ${issue.keys.map(key => `\`${shortened(key, MAX_QUOTED)}\``).join(', ')}`
  }
  return `expected ${wanted(issue)}, got ${came(value, issue)}`
}

function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [wanted(first)])))].join(' or ')
    case 'too_small':
      return bound('at least', issue.origin, issue.minimum)
    case 'too_big':
      return bound('at most', issue.origin, issue.maximum)
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.format
    default:
      return 'something else'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/** Of what came: enough to know it again. */
const MAX_QUOTED = 60

const FORMATS: Readonly<Record<string, string>> = { datetime: 'a time such as 2026-01-31T12:00:00Z' }

function bound(how: string, origin: string, limit: number | bigint): string {
  const units = { string: 'character', array: 'item' }[origin]
  return units === undefined ? `${how} ${limit}` : `${how} ${limit} ${units}${limit === 1 ? '' : 's'}`
}

function came(value: unknown, issue: Issue): string {
  if (value === undefined) return 'nothing'
  const isSized = issue.code === 'too_small' || issue.code === 'too_big'
  if (isSized && typeof value === 'string' && value.trim() === '') return value === '' ? 'none' : 'blanks only'
  if (isSized && (typeof value === 'string' || Array.isArray(value))) return String(value.length || 'none')
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(shortened(value, MAX_QUOTED)) : String(value)
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
}
