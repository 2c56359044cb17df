import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { faultInJson } from '../../../src/bus/json-text.ts'
import { LIMITS } from '../../../src/bus/limits.ts'
import { catalog, type JsonSchema } from '../../../src/operations/catalog.ts'
import { operations as operationsOfAll } from '../../../src/operations/index.ts'
import { tooManyItems } from '../../../src/operations/item-limits.ts'
import { readInput } from '../../../src/operations/malformed.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { temporaryFolder } from '../../contract/open.ts'
import { type Act, openWorld } from '../../operations/world.ts'
import { openMeter } from './meter.ts'

let meter: Awaited<ReturnType<typeof openMeter>>
let folder: string
let world: Awaited<ReturnType<typeof openWorld>>
let session: Act

beforeAll(async () => {
  meter = await openMeter()
  folder = await temporaryFolder()
  world = await openWorld(clock => openSqliteStore({ path: join(folder, 'bus.db'), clock }))
  const facts = { repo: 'github.com/acme/api', worktree: '/src/a', cwd: '/src/a' }
  for (let n = 0; n < 100; n++) await world.join(`peer-${n}`, { role: `role-${n}`, facts, topics: [`topic-${n}`] })
  session = await world.join('self', { facts })
})
afterAll(async () => {
  meter.close()
  await world.store.close()
  await rm(folder, { recursive: true, force: true })
})

/** Every schema within a schema, with where it stands. */
function* schemasIn(schema: JsonSchema, where: string): Iterable<[JsonSchema, string]> {
  yield [schema, where]
  for (const [field, inner] of Object.entries(schema.properties ?? {})) yield* schemasIn(inner, `${where}.${field}`)
  for (const keyword of ['items', 'additionalProperties']) {
    const inner = schema[keyword]
    if (typeof inner === 'object' && inner !== null) yield* schemasIn(inner as JsonSchema, `${where}[]`)
  }
  for (const inner of (schema.anyOf as JsonSchema[] | undefined) ?? []) yield* schemasIn(inner, where)
}

const inputs = catalog.flatMap(({ name, inputSchema }) => [...schemasIn(inputSchema, name)])

describe('the schema of every input', () => {
  it('says how long its lists may be', () => {
    const lists = inputs.filter(([schema]) => schema.type === 'array' && schema.items !== undefined)
    expect(lists.length).toBeGreaterThan(5)
    expect(lists.filter(([schema]) => schema.maxItems === undefined).map(([, where]) => where)).toEqual([])
  })

  it('says how long its texts may be', () => {
    const texts = inputs.filter(([schema]) => schema.type === 'string' && schema.enum === undefined)
    expect(texts.length).toBeGreaterThan(20)
    const free = texts.filter(([schema, where]) => schema.maxLength === undefined && !JSON_FIELDS.test(where))
    expect(free.map(([, where]) => where)).toEqual([])
  })
})

it('the items of a list are counted before one of them is judged', () => {
  const lists = operationsOfAll.flatMap(({ name, input }) =>
    Object.entries(input.shape).flatMap(([field, schema]) =>
      (JSON_FIELDS.test(`${name}.${field}`) ? [] : maxItemsIn(schema)).map(max => [name, input, field, max] as const),
    ),
  )
  expect(lists.length).toBeGreaterThan(5)
  for (const [name, input, field, max] of lists) {
    const items = (count: number) => ({ [field]: Array.from({ length: count }, () => ({})) })
    expect([name, field, tooManyItems(input, items(max))]).toEqual([name, field, undefined])
    expect([name, tooManyItems(input, items(max + 1))?.path]).toEqual([name, [field]])
  }
})

/** Of each list that a field may be, as its JSON schema says. */
function maxItemsIn(schema: z.core.$ZodType): number[] {
  const { anyOf, ...one } = z.toJSONSchema(schema as z.ZodType, { io: 'input' })
  return [one, ...((anyOf as JsonSchema[]) ?? [])].flatMap(({ type, maxItems, items }) =>
    type === 'array' && items !== undefined && maxItems !== undefined ? [maxItems as number] : [],
  )
}

/** Bounded as a whole, by the length of their JSON. */
const JSON_FIELDS = /^(publish\.data|set_state\.value)/

/** The longest that a schema lets in, of this text. */
function filled(schema: JsonSchema, filler: string): unknown {
  const [first] = (schema.anyOf as JsonSchema[] | undefined) ?? []
  if (schema.enum !== undefined) return (schema.enum as unknown[]).at(-1)
  if (first !== undefined) return filled((schema.anyOf as JsonSchema[]).at(-1)!, filler)
  if (schema.type === 'string') return repeated(filler, (schema.maxLength as number | undefined) ?? 1_000)
  if (schema.type === 'array') {
    const length = (schema.maxItems as number | undefined) ?? 10
    return Array.from({ length }, (_, n) => numbered(filled(schema.items as JsonSchema, filler), n))
  }
  if (schema.type === 'object') {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([field, inner]) => [field, filled(inner, filler)]),
    )
  }
  if (schema.type === 'boolean') return true
  return schema.type === 'integer' || schema.type === 'number' ? ((schema.minimum as number | undefined) ?? 1) : filler
}

function repeated(filler: string, length: number): string {
  return filler.repeat(Math.ceil(length / filler.length)).slice(0, length)
}

/** Items of a list are other ones. */
function numbered(item: unknown, n: number): unknown {
  return typeof item === 'string' ? `${n}${item}`.slice(0, item.length) : typeof item === 'number' ? item + n : item
}

const FILLERS = ['*a', '{a,b}', 'a/', '-', ' a', '\u009d', '$(', '\u{1F600}']

/** Of all inputs made of one filler: one field is matched, with a budget of 1,000,000 steps of at most six blocks. */
const MAX_BLOCKS = 8 * LIMITS.matchSteps

const operations = catalog.map(({ name }) => name)

describe('every input at its limits costs a bounded number of steps', () => {
  it.each(operations)('of %s', async name => {
    const { inputSchema, toolset } = catalog.find(each => each.name === name)!
    for (const filler of FILLERS) {
      const whole = { ...(filled(inputSchema, filler) as object), ...WAITS_NOT[name] }
      // Each field by itself too: one that is refused hides what the others cost.
      const fields = Object.keys(whole).map(field => ({
        ...SAMPLE[name],
        [field]: whole[field as keyof typeof whole],
      }))
      const act = toolset === 'admin' ? world.operator : session
      const blocks = await meter.count(async () => {
        for (const input of [whole, ...fields]) await act(name as never, input as never).catch(() => undefined)
      })
      expect([name, filler, blocks > MAX_BLOCKS]).toEqual([name, filler, false])
    }
  })
})

const WAITS_NOT: Readonly<Record<string, object>> = { inbox: { wait_seconds: 0 }, take_inbox: { wait_seconds: 0 } }

/** What an operation needs to go on to its other fields. */
const SAMPLE: Readonly<Record<string, object>> = {
  publish: { text: 'x' },
  set_state: { key: 'k', value: 1 },
  get_state: { key: 'k' },
  delete_state: { key: 'k' },
  claim: { path: 'src/a.ts' },
  release: { path: 'src/a.ts' },
  collect: { route: 'prompt hook' },
  settle: { proof: 'x', events: [1] },
  check_edit: { path: 'src/a.ts' },
  note_edit: { path: 'src/a.ts' },
  check_git: { command: 'git stash' },
  unregister: { session: 'nobody' },
}

describe('an input beyond every limit is refused by reading it once', () => {
  const chars = LIMITS.bodyBytes / 8
  /** Blocks that a character of a body may cost, with all that is asked about it. */
  const PER_CHAR = 12

  it.each(operations)('of %s', async name => {
    const { inputSchema } = catalog.find(each => each.name === name)!
    const globs = Array.from({ length: chars / 1_024 }, () => `${'{a,b}'.repeat(6)}${'a'.repeat(900)}`)
    const fields = Object.keys(inputSchema.properties ?? {})
    const bodies: object[] = [
      Object.fromEntries(Array.from({ length: chars / 16 }, (_, n) => [`field ${n}`, 0])),
      ...fields.map(field => ({ [field]: 'a'.repeat(chars) })),
      ...fields.map(field => ({ [field]: '{a,b}'.repeat(chars / 5) })),
      ...fields.map(field => ({ [field]: Array.from({ length: chars / 16 }, (_, n) => n) })),
      ...fields.map(field => ({ [field]: globs })),
    ]
    const blocks = await meter.count(async () => {
      for (const body of bodies) {
        await session(name as never, body as never).catch(error => expect(error.message.length).toBeLessThan(4_000))
      }
    })
    expect([name, blocks > PER_CHAR * chars * bodies.length]).toEqual([name, false])
  })
})

it('JSON of very many small values is refused before it is parsed', () => {
  const lists = (count: number) => `[${Array.from({ length: count }, () => '[]').join(',')}]`
  expect(faultInJson(lists(LIMITS.jsonValues / 2 - 2), 0)).toBeUndefined()
  expect(faultInJson(lists(LIMITS.jsonValues / 2 + 2), 0)).toBe('expected at most 140000 values in lists and objects')
  expect(faultInJson(`[${'0,'.repeat(LIMITS.jsonValues)}0]`, 0)).toContain('expected at most')
  expect(faultInJson(`{"value":"${',[{'.repeat(LIMITS.jsonValues)}"}`, 0)).toBeUndefined()
  // As many as the longest state value can hold.
  expect(faultInJson(`{"key":"k","value":[${'0,'.repeat(LIMITS.valueChars / 2 - 2)}0]}`, 0)).toBeUndefined()
})

it('JSON of very many fields is refused before it is parsed, and an object of many before they are looked at', () => {
  const object = (count: number) => `{${Array.from({ length: count }, (_, n) => `"${n}:":0`).join(',')}}`
  expect(faultInJson(object(LIMITS.jsonFields), 0)).toBeUndefined()
  // One name is looked at once, however many colons stand behind it: this would take minutes.
  expect(faultInJson(`{"${'x'.repeat(1e6)}"${':'.repeat(LIMITS.jsonFields)}`, 0)).toBeUndefined()
  expect(faultInJson(object(LIMITS.jsonFields + 1), 0)).toBe('expected at most 40000 fields in objects')
  expect(faultInJson(`[${'{"a":0},'.repeat(LIMITS.jsonFields)}{"a":0}]`, 0)).toContain('fields in objects')
  for (const { name, input } of operationsOfAll) {
    const looked = new Proxy(JSON.parse(object(1_000)), {
      get: () => expect.unreachable(`${name} looked at a field`),
    })
    expect(readInput(input, looked)).toMatchObject({
      ok: false,
      faults: [{ text: expect.stringContaining('got 1000') }],
    })
  }
})
