import type { CatalogEntry, JsonSchema } from '../../operations/catalog.ts'

/** Limits are the hub's to judge, and its refusals name them: a model pays for every word of a schema. */
const LEFT_OUT = new Set([
  '$schema',
  '$defs',
  'additionalProperties',
  'default',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maximum',
  'maxItems',
  'maxLength',
  'minimum',
  'minItems',
  'minLength',
  'pattern',
])

/** Filled in by programs, never by a model. */
const NOT_FOR_MODELS = new Set(['facts', 'client_id'])

/** An operation's input as a tool shows it: types, words and what is required. */
export function toolSchema(entry: CatalogEntry): JsonSchema & { type: 'object' } {
  const properties = Object.entries(entry.inputSchema.properties ?? {})
    .filter(([field]) => !NOT_FOR_MODELS.has(field))
    .map(([field, schema]) => [field, slim(schema)])
  const { required } = entry.inputSchema
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required === undefined || required.length === 0 ? {} : { required }),
  }
}

function slim(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(slim)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !LEFT_OUT.has(keyword))
      .map(([keyword, value]) => [keyword, keyword === 'enum' || keyword === 'required' ? value : slim(value)]),
  )
}
