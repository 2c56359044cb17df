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

/**
 * The same message as most clients write it: without `params`, `arguments` and `_meta` that are null, by which some say
 * that there are none, and with `arguments` read that came as JSON text. A null among the arguments stays, for the
 * operation to refuse: left out, it could mean a message to all, or a change whatever the present version is.
 */
export function plainMessage(message: unknown): unknown {
  if (!isObject(message)) return message
  const { params, ...rest } = message
  if (params === null) return rest
  if (!isObject(params)) return message
  const plain = { ...params, arguments: read(params.arguments, 'object', 1) }
  return {
    ...rest,
    params: Object.fromEntries(Object.entries(plain).filter(([name, value]) => !isLeftOut(name, value))),
  }
}

function isLeftOut(name: string, value: unknown): boolean {
  return value === undefined || (value === null && (name === 'arguments' || name === '_meta'))
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

/** A list or an object may be due beside plain text, which is never written as JSON. Where anything is due, text is text. */
function kindOf(schema: JsonSchema | undefined): Kind {
  const due = (schema?.anyOf as readonly JsonSchema[] | undefined) ?? [schema]
  const [kind, another] = new Set(due.map(each => each?.type).filter(type => type !== 'string'))
  return another === undefined && (kind === 'array' || kind === 'object') ? kind : undefined
}

function read(value: unknown, kind: Kind, levelsAround = 0): unknown {
  if (kind === undefined || typeof value !== 'string' || faultInJson(value, levelsAround) !== undefined) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return (kind === 'array' ? Array.isArray(parsed) : isObject(parsed)) ? parsed : value
  } catch {
    return value
  }
}

/** Whether the client takes answers of each of these types, by name or by a range of types. Their names have no case. */
export function acceptsAll(accept: string | null, types: readonly string[]): boolean {
  const ranges = (accept ?? '*/*').split(',').map(each => each.split(';', 1)[0]!.trim().toLowerCase())
  return types.every(type => ['*/*', `${type.split('/', 1)[0]}/*`, type].some(each => ranges.includes(each)))
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
