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

export const ID_IN_USE = 'Invalid Request: expected an id of its own, got that of a request that is not answered yet'

const MAX_FIELDS = 1_000
export const MANY_FIELDS = `Invalid Request: expected at most ${MAX_FIELDS} fields around what a tool's arguments hold`

/** Whether a message has more fields than any needs, but for what the arguments of a tool hold: the SDK goes through them again and again. */
export function hasManyFields(message: unknown): boolean {
  let left = MAX_FIELDS
  const count = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const name in value) {
      if (--left < 0) return
      const each = (value as Readonly<Record<string, unknown>>)[name]
      if (path !== '.params.arguments') count(each, path.length > 20 ? path : `${path}.${name}`)
    }
  }
  count(message, '')
  return left < 0
}

/**
 * The same message as most clients write it. In its frame (all but the arguments of a tool, and what a client answers) a
 * null says that there is nothing, and so does `[]`, which is how some languages write an empty object; `arguments` may
 * come as JSON text. A null among the arguments stays, for the operation to refuse: left out, it could mean a message to
 * all, or a change whatever the present version is.
 */
export function plainMessage(message: unknown): unknown {
  if (!isObject(message)) return message
  const { method, params, ...rest } = message
  const isNotice = typeof method === 'string' && method.startsWith('notifications/')
  const known = Object.entries(rest).filter(
    ([name, value]) => MEMBERS.has(name) && (value !== null || (name === 'id' && !isNotice)),
  )
  return {
    ...Object.fromEntries(known),
    ...(method === undefined ? {} : { method }),
    ...(isNothing(params) ? {} : { params: isObject(params) ? framed(params) : params }),
  }
}

/** Besides the method and its params: all that a message of JSON-RPC has. Some clients add more. */
const MEMBERS = new Set(['jsonrpc', 'id', 'result', 'error'])

function framed(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { arguments: input, ...frame } = params
  return { ...withoutNothing(frame), ...(isNothing(input) ? {} : { arguments: read(input, 'object', 1) }) }
}

function withoutNothing(frame: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(frame).flatMap(([name, value]) => {
      if (name === 'progressToken') return isToken(value) ? [[name, value]] : []
      if (isNothing(value)) return CAPABILITIES.test(name) ? [[name, {}]] : []
      return [[name, isObject(value) ? withoutNothing(value) : value]]
    }),
  )
}

/** Needed, also where there are none. */
const CAPABILITIES = /capabilities$/i

/** What the SDK takes for one. No progress is told to anybody, so that any other is nothing. */
function isToken(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
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
