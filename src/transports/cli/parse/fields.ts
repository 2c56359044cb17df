import type { CatalogEntry, JsonSchema } from '../../../operations/catalog.ts'
import { wordsFor } from './field-words.ts'

type FieldKind = 'text' | 'number' | 'flag' | 'list' | 'json' | 'object'

/** One input field of an operation, as the command line sees it. */
export interface Field {
  readonly name: string
  /** `wait-seconds`: the option without its dashes. */
  readonly flag: string
  readonly kind: FieldKind
  readonly isRequired: boolean
  readonly description: string
  readonly choices?: readonly string[]
  readonly isInteger?: boolean
  readonly min?: number
  readonly max?: number
  /** Whether an empty text or list is written by it, to clear what was there; what only narrows a search is never empty. */
  readonly isEmptiable?: boolean
  /** Long enough to be worth a pipe: a bare `-` then reads it from stdin. */
  readonly isLong?: boolean
}

const LONG_TEXT_CHARS = 10_000

export function fieldsOf(entry: CatalogEntry): Field[] {
  const required = new Set(entry.inputSchema.required)
  return Object.entries(entry.inputSchema.properties ?? {}).map(([name, schema]) => ({
    name,
    flag: name.replaceAll('_', '-'),
    isRequired: required.has(name),
    description: schema.description ?? wordsFor(entry.name, name),
    isEmptiable: entry.effect === 'write' && takesEmpty(schema),
    ...shapeOf(schema),
  }))
}

function takesEmpty({ type, enum: choices, minLength = 0, minItems = 0 }: JsonSchema): boolean {
  if (type === 'array') return minItems === 0
  return type === 'string' && choices === undefined && minLength === 0
}

function shapeOf(schema: JsonSchema): Pick<Field, 'kind' | 'choices' | 'isInteger' | 'min' | 'max' | 'isLong'> {
  const alternatives = (schema.anyOf ?? []) as readonly JsonSchema[]
  if (alternatives.some(each => each.type === 'object')) return { kind: 'json' }
  const list = schema.type === 'array' ? schema : alternatives.find(each => each.type === 'array')
  if (list !== undefined) return { kind: 'list', ...choicesOf((list.items ?? {}) as JsonSchema) }
  switch (schema.type) {
    case 'boolean':
      return { kind: 'flag' }
    case 'integer':
    case 'number':
      return { kind: 'number', isInteger: schema.type === 'integer', ...boundsOf(schema) }
    case 'string':
      return { kind: 'text', isLong: Number(schema.maxLength ?? 0) >= LONG_TEXT_CHARS, ...choicesOf(schema) }
    case 'object':
      return { kind: 'object' }
    default:
      return { kind: 'json' }
  }
}

function choicesOf(schema: JsonSchema): { choices?: readonly string[] } {
  return Array.isArray(schema.enum) ? { choices: schema.enum as string[] } : {}
}

function boundsOf(schema: JsonSchema): { min?: number; max?: number } {
  const { minimum: min, maximum: max } = schema
  return {
    ...(typeof min === 'number' ? { min } : {}),
    // JSON Schema spells "any whole number" as the largest that is exact; nobody needs to read that.
    ...(typeof max === 'number' && max < Number.MAX_SAFE_INTEGER ? { max } : {}),
  }
}
