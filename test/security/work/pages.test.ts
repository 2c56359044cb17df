import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { LIMITS } from '../../../src/bus/limits.ts'
import type { Store } from '../../../src/bus/store.ts'
import { openDatabase, type Value } from '../../../src/store/sqlite/driver.ts'
import { openFile } from '../../../src/store/sqlite/open-file.ts'
import { guardRows } from '../../../src/store/sqlite/row-sums.ts'
import { Sql } from '../../../src/store/sqlite/sql.ts'
import { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { temporaryFolder } from '../../contract/open.ts'
import { openWorld } from '../../operations/world.ts'

/** Counts the characters of the events that are read. */
class CountingSql extends Sql {
  chars = 0

  override one<T>(text: string, ...values: Value[]): T | undefined {
    const row = super.one<T>(text, ...values)
    this.chars += bodyChars(row)
    return row
  }
  override all<T>(text: string, ...values: Value[]): T[] {
    const rows = super.all<T>(text, ...values)
    for (const row of rows) this.chars += bodyChars(row)
    return rows
  }
}

function bodyChars(row: unknown): number {
  return (row as { body?: string } | undefined)?.body?.length ?? 0
}

let folder: string
let sql: CountingSql
let world: Awaited<ReturnType<typeof openWorld>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let serial = 0
beforeEach(async () => {
  const path = join(folder, `${serial++}.db`)
  ;(await openFile(path)).close()
  sql = new CountingSql(await openDatabase(path), path)
  guardRows(sql)
  world = await openWorld((now): Store => new SqliteStore(sql, path, now))
  return () => world.store.close()
})

/** The longest event that can be published: its control characters are six characters each in JSON. */
const longest = { text: `a${'\u0001'.repeat(LIMITS.textChars - 21)}`, data: 'd'.repeat(LIMITS.dataChars - 2) }
const long = { text: 'x'.repeat(LIMITS.textChars - 20), data: 'd'.repeat(LIMITS.dataChars - 2) }

/** One event more than fits is looked at, and each is as long as may be. */
const MAX_READ = LIMITS.pageChars + JSON.stringify(longest).length + 2_000

async function read<T>(call: () => Promise<T>): Promise<T> {
  sql.chars = 0
  const answer = await call()
  expect(sql.chars).toBeLessThan(MAX_READ)
  expect(JSON.stringify(answer).length).toBeLessThan(LIMITS.pageChars + 20_000)
  return answer
}

async function published(to: string, count: number): Promise<number[]> {
  const a = await world.join('sender')
  const ids: number[] = []
  for (let n = 0; n < count; n++) {
    const { event_id } = await a('publish', {
      ...(n % 5 ? long : longest),
      text: `${n} ${long.text}`,
      to,
      title: `${n}`,
    })
    ids.push(event_id)
  }
  return ids
}

it('a page of the log ends before it is too long, and says that there is more', async () => {
  const ids = await published('topic:x', 40)
  for (const order of ['asc', 'desc'] as const) {
    const seen: number[] = []
    for (let next: number | undefined, more = true; more; ) {
      const from = next === undefined ? {} : order === 'asc' ? { after: next } : { before: next }
      const page = await read(() => world.operator('get_events', { channel: 'topic:x', limit: 500, order, ...from }))
      expect(page.events.length).toBeGreaterThan(0)
      seen.push(...page.events.map(event => event.id))
      next = page.next
      more = page.has_more
    }
    expect(seen).toEqual(order === 'asc' ? ids : [...ids].reverse())
  }
})

it('a search that finds little reads in parts, each of which lets others in', async () => {
  await published('topic:x', 40)
  let turns = 0
  let isDone = false
  const others = async () => {
    for (; !isDone; turns++) await new Promise<void>(resolve => setImmediate(resolve))
  }
  const counting = others()
  const { events, has_more } = await world.operator('get_events', { query: 'x nowhere', channel: 'topic:x' })
  isDone = true
  await counting
  expect([events, has_more]).toEqual([[], false])
  expect(turns).toBeGreaterThan(10)
})

it('what is unread comes in pages, and the rest stays unread', async () => {
  const b = await world.join('b')
  const ids = await published('b', 20)
  const peeked = await read(() => b('inbox', { peek: true, limit: 200 }))
  expect(peeked.messages.length).toBeGreaterThan(0)
  expect(peeked.pending).toBe(20 - peeked.messages.length)
  const seen: number[] = []
  for (let pending = 20; pending > 0; ) {
    const taken = await read(() => b('inbox', { limit: 200 }))
    seen.push(...taken.messages.map(message => message.id))
    expect(taken.pending).toBe(20 - seen.length)
    pending = taken.pending
  }
  expect(seen).toEqual(ids)
})

it('a hook and a heartbeat read no more of it than a page, and miss no ring behind it', async () => {
  const b = await world.join('b')
  await published('all', 20)
  const quiet = await read(() => b('collect', { route: 'stop hook', urgent_only: true }))
  expect(quiet).toMatchObject({ text: '', urgent: false, rings: false })
  await world.operator('publish', { text: 'now', to: 'b' })
  expect(await read(() => b('heartbeat', {}))).toMatchObject({ unread: 21, urgent: true })
  const given = await read(() => b('collect', { route: 'stop hook', urgent_only: true }))
  expect(given).toMatchObject({ text: expect.stringContaining('\nnow\n'), urgent: false, rings: true })
})

it('one event is given however long it is', async () => {
  const b = await world.join('b')
  const a = await world.join('a')
  for (let n = 0; n < 3; n++) await a('publish', { ...longest, to: 'b' })
  const { messages, pending } = await b('inbox', {})
  expect(messages.length).toBeGreaterThanOrEqual(1)
  expect(messages.length + pending).toBe(3)
})
