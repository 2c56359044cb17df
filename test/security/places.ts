import type { JsonSchema } from '../../src/operations/catalog.ts'

export type Path = readonly (string | number)[]

/** Every place of an input where text may stand, and every one where a field may have any name. */
export function placesOf(schema: JsonSchema, path: Path = []): Path[] {
  const alternatives = [schema.anyOf, schema.oneOf, schema.allOf].flatMap(each => (each ?? []) as JsonSchema[])
  if (alternatives.length > 0) return alternatives.flatMap(each => placesOf(each, path))
  if (schema.type === 'string') return [path]
  if (schema.type === 'array') return placesOf(schema.items as JsonSchema, [...path, 0])
  if (schema.type === 'object') {
    // Free JSON has text at any depth, and fields of any name.
    if (schema.properties === undefined) return [[...path, 'field', 1, 'deep']]
    return Object.entries(schema.properties).flatMap(([name, field]) => placesOf(field, [...path, name]))
  }
  return []
}

export function withValue(input: unknown, [at, ...rest]: Path, value: unknown): unknown {
  if (at === undefined) return value
  if (typeof at === 'number') return [...Array(at).fill('x'), withValue(undefined, rest, value)]
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
  return { ...fields, [at]: withValue(fields[at], rest, value) }
}
