import { z } from 'zod'
import type { Fault } from '../bus/text.ts'

type Schema = z.core.$ZodType

/**
 * The first list in an input that is longer than its schema allows. Asked before the schema is: that would judge each of
 * 100,000 items first, and an item may be a glob that takes long to judge.
 */
export function tooManyItems(schema: Schema, value: unknown, path: (string | number)[] = []): Fault | undefined {
  // There is no list in it.
  if (typeof value !== 'object' || value === null) return undefined
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length > maxItemsOf(schema)) {
    return { path, message: `expected at most ${maxItemsOf(schema)} items, got ${value.length}` }
  }
  for (const [part, inner, key] of partsOf(schema, value)) {
    const fault = tooManyItems(part, inner, key === undefined ? path : [...path, key])
    if (fault !== undefined) return fault
  }
  return undefined
}

export function maxItemsOf(list: z.ZodArray): number {
  const limits = (list.def.checks ?? []).flatMap(({ _zod: { def } }) => ('maximum' in def ? [Number(def.maximum)] : []))
  return Math.min(...limits, Number.POSITIVE_INFINITY)
}

/** What a schema is made of, with the part of the value that each is for. */
export function partsOf(schema: Schema, value: object): [schema: Schema, value: unknown, key?: string | number][] {
  if (schema instanceof z.ZodObject) {
    const { shape } = schema
    return Object.entries(value).flatMap(([field, inner]) =>
      Object.hasOwn(shape, field) ? [[shape[field], inner, field]] : [],
    )
  }
  if (schema instanceof z.ZodArray) return Array.isArray(value) ? value.map((item, i) => [schema.element, item, i]) : []
  if (schema instanceof z.ZodUnion) return schema.options.map(option => [option, value])
  if (schema instanceof z.ZodPipe) return [[schema.def.in, value]]
  return schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly ? [[schema.def.innerType, value]] : []
}
