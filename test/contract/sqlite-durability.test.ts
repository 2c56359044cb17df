import { copyFile, mkdir, stat, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { anEvent, confirm, done, join, log, publish, START_MS, take } from './bench.ts'
import { freshPath } from './open.ts'
import { program } from './programs/start.ts'
import { TestMachine } from './test-machine.ts'

const startWriter = program('writer')

test('a store that is opened again has all that was in it, and its clock goes on', async () => {
  const path = await freshPath()
  const clock = new TestMachine(START_MS)
  const open = () => openSqliteStore({ path, clock })
  const before = await open()
  await join(before, 's1')
  for (let n = 0; n < 100; n++) await publish(before, { text: `event ${n}` })
  await take(before, 's1', 3)
  clock.ms += 60_000
  await done(before, { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 1_000 })
  const events = await log(before)
  await before.close()

  clock.ms = START_MS
  const after = await open()
  expect(await log(after)).toEqual(events)
  expect(await after.now()).toBe(START_MS + 60_000)
  expect(await after.hasOpenOffer('s1')).toBe(true)
  expect(await after.claims({ limit: 99 })).toMatchObject([{ token: 1 }])
  expect((await after.events({ query: 'event 97', order: 'asc', limit: 9 })).events).toHaveLength(1)
  expect(await publish(after)).toMatchObject({ id: 101, at: START_MS + 60_000 })
  await after.close()
})

/** What lies on the disk when the power goes and no more than so many bytes of SQLite's log have reached it. */
async function cutAfter(path: string, bytes: number): Promise<string> {
  const left = await freshPath()
  await mkdir(dirname(left), { recursive: true })
  await copyFile(path, left)
  await copyFile(`${path}-wal`, `${left}-wal`)
  await truncate(`${left}-wal`, bytes)
  return left
}

test('a power cut may undo the last leases, proofs and indexes, and none of the messages', async () => {
  const path = await freshPath()
  const size = async () => (await stat(`${path}-wal`)).size
  // Making the file writes a long log, which would be used again and not grow.
  await (await openSqliteStore({ path })).close()
  const store = await openSqliteStore({ path })
  await join(store, 's1')
  const begun = await size()
  for (let n = 0; n < 90; n++) await publish(store, { text: `event ${n}` })
  const synced = await size()
  expect(synced, 'longer than what the start left, so that a cut by length is one in time').toBeGreaterThan(begun)
  await take(store, 's1', 40)
  await confirm(store, 's1')
  await setImmediate()
  const written = await size()
  expect(written, 'not synced, and written all the same').toBeGreaterThan(synced)
  const events = await log(store)

  const pending = new Set<number>()
  for (let bytes = synced; bytes <= written; bytes += Math.ceil((written - synced) / 20)) {
    const after = await openSqliteStore({ path: await cutAfter(path, bytes) })
    expect(await log(after), `${bytes - synced} bytes after the last sync`).toEqual(events)
    expect((await after.inspect()).faults).toEqual([])
    expect((await after.events({ query: 'event 89', order: 'asc', limit: 9 })).events).toHaveLength(1)
    pending.add((await after.unread('s1', 100)).pending)
    expect(await publish(after)).toMatchObject({ id: 91 })
    await after.close()
  }
  await store.close()
  expect([...pending].sort()).toEqual([50, 90])
})

const KEY = { scope: 's1 publish', key: 'k1', fingerprint: 'f1' }

// Events are indexed in batches of 64.
test.each([1, 70])('mail and key of an event are there after a restart, with %i events in all', async count => {
  const path = await freshPath()
  const before = await openSqliteStore({ path })
  await join(before, 's1')
  const first = await before.commit([{ kind: 'append', event: anEvent({ text: 'first' }) }], KEY)
  for (let n = 1; n < count; n++) await publish(before)
  await before.close()
  const after = await openSqliteStore({ path })
  expect((await after.unread('s1', 1)).messages).toMatchObject([{ id: 1, text: 'first' }])
  expect((await after.unread('s1', 1)).pending).toBe(count)
  expect(await after.commit([{ kind: 'append', event: anEvent({ text: 'first' }) }], KEY)).toEqual({
    ...first,
    replayed: true,
  })
  expect(await take(after, 's1')).toMatchObject({ pending: 0 })
  await after.close()
})

test('what is counted goes on where it was, whatever was pruned or appended last', async () => {
  const path = await freshPath()
  const clock = new TestMachine(START_MS)
  const reopened = async (store?: Store) => {
    await store?.close()
    return await openSqliteStore({ path, clock })
  }
  let store = await reopened()
  for (let n = 0; n < 3; n++) await publish(store)
  store = await reopened(store)
  expect(await store.bounds()).toEqual({ oldest: 1, newest: 3, prunedUpTo: 0 })
  await publish(store)
  await done(store, { kind: 'prune', keepNewest: 0 })
  store = await reopened(store)
  expect(await store.bounds()).toEqual({ oldest: 0, newest: 4, prunedUpTo: 4 })
  expect((await store.stats()).events).toBe(0)
  clock.ms += 60_000
  const [, pruned] = await done(
    store,
    { kind: 'append', event: anEvent() },
    { kind: 'prune', keepNewest: 0 },
    { kind: 'append', event: anEvent() },
  )
  expect(pruned.events).toBe(1)
  await publish(store)
  clock.ms = START_MS
  store = await reopened(store)
  expect(await store.bounds()).toEqual({ oldest: 6, newest: 7, prunedUpTo: 5 })
  expect((await store.stats()).events).toBe(2)
  expect(await store.now()).toBe(START_MS + 60_000)
  await store.close()
})

test('closing carries out what was asked for before', async () => {
  const path = await freshPath()
  const store = await openSqliteStore({ path })
  const asked = publish(store)
  await store.close()
  expect(await asked).toMatchObject({ id: 1 })
  await store.close()
})

test('what was acknowledged survives kill -9, time and again', async () => {
  const path = await freshPath()
  const acknowledged = new Map<number, string>()
  for (const count of [1, 60, 250]) {
    const writer = startWriter(path)
    const lines = createInterface({ input: writer.stdout! })
    let left = count
    for await (const line of lines) {
      const [id, ...what] = line.split(' ')
      expect(acknowledged.has(Number(id)), `id ${id} given twice`).toBe(false)
      acknowledged.set(Number(id), what.join(' '))
      // The lines that still come were acknowledged too: they count.
      if (--left === 0) writer.kill('SIGKILL')
    }
    const store = await openSqliteStore({ path })
    const events = new Map((await log(store)).map(event => [event.id, event.text]))
    for (const [id, text] of acknowledged) expect(events.get(id)).toMatch(new RegExp(`^${text} `))
    await store.close()
  }
  const sql = await openFile(path)
  expect(sql.all('PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }])
  sql.close()
})
