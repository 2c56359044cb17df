import type { z } from 'zod'
import { shortened } from '../bus/cut.ts'
import { joined, named, quoted, retold, type Said, say } from '../bus/say.ts'
import { type Fault, faultIn } from '../bus/text.ts'
import { tooManyItems } from './item-limits.ts'

type Issue = z.core.$ZodIssue

export type ReadInput<Schema extends z.ZodObject> =
  | { readonly ok: true; readonly input: z.output<Schema> }
  /** The first few, each with its field. */
  | { readonly ok: false; readonly faults: readonly Said[] }

const MAX_FAULTS = 5

/**
 * What an input means by its schema. Whatever the schema says of a field, text is text and numbers are numbers in all of
 * it: every door passes here, so that no field can be forgotten.
 */
export function readInput<Schema extends z.ZodObject>(schema: Schema, input: unknown): ReadInput<Schema> {
  const fault = tooManyFields(input) ?? faultIn(input) ?? tooManyItems(schema, input)
  if (fault !== undefined) return { ok: false, faults: [ofField(schema, fault.path, retold(fault.message))] }
  const parsed = schema.safeParse(input)
  if (parsed.success) return { ok: true, input: parsed.data }
  return { ok: false, faults: parsed.error.issues.slice(0, MAX_FAULTS).map(issue => malformed(schema, issue, input)) }
}

/** Before each of them is looked at: no operation knows as many. */
function tooManyFields(input: unknown): Fault | undefined {
  const count = typeof input === 'object' && input !== null ? Object.keys(input).length : 0
  return count > MAX_FIELDS ? { path: [], message: `expected at most ${MAX_FIELDS} fields, got ${count}` } : undefined
}
const MAX_FIELDS = 100

/**
 * What is wrong with an input, in the words of every other refusal: what was expected, what came. The schemas' library
 * speaks of types and comparisons, which neither a person nor a model has written.
 */
function malformed(schema: z.ZodObject, issue: Issue, input: unknown): Said {
  return ofField(schema, issue.path, said(issue, valueAt(input, issue.path)))
}

/** A fault with the field that it is in. A name that the schema does not know may be anybody's text. */
function ofField({ shape }: z.ZodObject, [field, ...within]: readonly PropertyKey[], fault: Said): Said {
  if (field === undefined) return fault
  const name = String(field)
  const rest = within.map(part => shortened(String(part), MAX_QUOTED))
  const shown = Object.hasOwn(shape, name) ? named(name) : shortened(name, MAX_QUOTED)
  return say`${joined('.', [shown, ...rest])}: ${fault}`
}

function said(issue: Issue, value: unknown): Said {
  if (issue.code === 'custom') return retold(issue.message)
  if (issue.code === 'unrecognized_keys') {
    const [shown, rest] = [issue.keys.slice(0, MAX_FAULTS), issue.keys.length - MAX_FAULTS]
    const more = rest > 0 ? [say`${rest} more`] : []
    const names = [...shown.map(key => quoted(key, MAX_QUOTED)), ...more]
    return say`expected known fields only, got ${names}`
  }
  return say`expected ${wanted(issue)}, got ${came(value, issue)}`
}

function wanted(issue: Issue): Said {
  switch (issue.code) {
    case 'invalid_type':
      return say(KINDS[issue.expected as keyof typeof KINDS] ?? 'something else')
    case 'invalid_value':
      return issue.values.length === 1 ? say`${String(issue.values[0])}` : say`one of ${issue.values.map(String)}`
    case 'invalid_union':
      return joined(
        ' or ',
        [...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [wanted(first).text])))].map(each =>
          retold(each),
        ),
      )
    case 'too_small':
      return bound(say('at least'), issue.origin, issue.minimum)
    case 'too_big':
      return bound(say('at most'), issue.origin, issue.maximum)
    case 'invalid_format':
      return say(FORMATS[issue.format as keyof typeof FORMATS] ?? 'text of another form')
    default:
      return say('something else')
  }
}

const KINDS = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
} as const

/** Of what came: enough to know it again. */
const MAX_QUOTED = 60

const FORMATS = { datetime: 'a time such as 2026-01-31T12:00:00Z' } as const

function bound(how: Said, origin: string, limit: number | bigint): Said {
  const units = { string: say('character'), array: say('item') }[origin]
  const count = Number(limit)
  return units === undefined ? say`${how} ${count}` : say`${how} ${count} ${units}${say(count === 1 ? '' : 's')}`
}

function came(value: unknown, issue: Issue): Said {
  if (value === undefined) return say('nothing')
  const isSized = issue.code === 'too_small' || issue.code === 'too_big'
  if (isSized && typeof value === 'string' && value.trim() === '') return say(value === '' ? 'none' : 'blanks only')
  if (isSized && (typeof value === 'string' || Array.isArray(value))) return say`${value.length || 'none'}`
  if (Array.isArray(value)) return say('a list')
  if (typeof value === 'object' && value !== null) return say('an object')
  return typeof value === 'string' ? quoted(value, MAX_QUOTED) : say`${String(value)}`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
}
