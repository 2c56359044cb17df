import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import { faultInJson } from '../../bus/json-text.ts'
import type { JsonSchema } from '../../operations/catalog.ts'

/*
 * Clients are not all alike: what some write in another way than most, and mean the same by.
 */

/**
 * The revisions that this server agrees to: all that the SDK knows but 2025-03-26, the only one with batches. The SDK never
 * ends the answer to a batch of which one call was cancelled. A client that asks for it is offered the latest.
 */
export const WITH_BATCHES = '2025-03-26'
export const AGREED_REVISIONS = SUPPORTED_PROTOCOL_VERSIONS.filter(revision => revision !== WITH_BATCHES)

export const NO_BATCHES = 'Invalid Request: expected one message, got a batch; no revision agreed to here has those'

/** The same message without `params` and `arguments` that are null: left out, some clients say so. */
export function withoutNulls(message: unknown): unknown {
  if (!isObject(message)) return message
  const { params, ...rest } = message
  if (params === null) return rest
  if (!isObject(params) || params.arguments !== null) return message
  const { arguments: _, ...others } = params
  return { ...rest, params: others }
}

/**
 * Arguments with lists and objects where their schema has nothing else: some clients send these as JSON text. Text of
 * another kind stays what it is, for the operation to refuse.
 */
export function withJsonRead(input: Readonly<Record<string, unknown>>, schema: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, read(value, kindOf(schema.properties?.[name]))]),
  )
}

type Kind = 'array' | 'object' | undefined

function kindOf(schema: JsonSchema | undefined): Kind {
  return schema?.type === 'array' || schema?.type === 'object' ? schema.type : undefined
}

function read(value: unknown, kind: Kind): unknown {
  if (kind === undefined || typeof value !== 'string' || faultInJson(value, 0) !== undefined) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return (kind === 'array' ? Array.isArray(parsed) : isObject(parsed)) ? parsed : value
  } catch {
    return value
  }
}

/** Every type of answer that the protocol has, where the client takes any. */
export function acceptsAll(accept: string | null): boolean {
  return accept === null || accept.split(',').some(each => each.split(';', 1)[0]!.trim() === '*/*')
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
