import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { anEvent, join, log, publish } from './bench.ts'
import { freshPath } from './open.ts'
import { program } from './programs/start.ts'

const startStarter = program('starter')
const KEY = { scope: 's1 publish', key: 'k1', fingerprint: 'f1' }

test('what another connection has written meanwhile is met by the next commit, also after one that was undone', async () => {
  const path = await freshPath()
  const own = await openSqliteStore({ path })
  await join(own, 's1')
  const other = await openSqliteStore({ path })
  await other.commit([{ kind: 'append', event: anEvent({ text: 'theirs' }) }], KEY)
  await other.close()
  const refusal = await own.commit([{ kind: 'revokeToken', name: 'none' }])
  expect(refusal.ok).toBe(false)
  expect(await own.commit([{ kind: 'append', event: anEvent() }], KEY)).toMatchObject({ replayed: true })
  expect(await publish(own, { text: 'ours' })).toMatchObject({ id: 2 })
  expect((await own.unread('s1', 9)).messages.map(({ text }) => text)).toEqual(['theirs', 'ours'])
  await own.close()
})

test.each([1, 3])('%i appends at once that meet an event of another connection come after it', async count => {
  const path = await freshPath()
  const own = await openSqliteStore({ path })
  await publish(own, { text: 'first' })
  const other = await openSqliteStore({ path })
  await publish(other, { text: 'theirs' })
  await other.commit([{ kind: 'append', event: anEvent({ text: 'keyed' }) }], KEY)
  await other.close()
  const told: number[] = []
  own.onAppend(events => told.push(...events.map(({ id }) => id)))
  const texts = Array.from({ length: count }, (_, n) => `ours ${n}`)
  const commits = texts.map(text => own.commit([{ kind: 'append', event: anEvent({ text }) }]))
  const retried = own.commit([{ kind: 'append', event: anEvent({ text: 'keyed' }) }], KEY)
  expect((await Promise.all(commits)).every(({ ok }) => ok)).toBe(true)
  expect(await retried).toMatchObject({ ok: true, replayed: true })
  const { events } = await own.events({ order: 'asc', limit: 9 })
  expect(events.map(({ id, text }) => `${id} ${text}`)).toEqual(
    ['first', 'theirs', 'keyed', ...texts].map((text, n) => `${n + 1} ${text}`),
  )
  expect(told).toEqual(texts.map((_, n) => n + 4))
  await own.close()
})

test('a file into which another connection merges was not overwritten, also where the log bears a new name by then', async () => {
  const path = await freshPath()
  const own = await openSqliteStore({ path })
  await publish(own, { text: 'one' })
  const [other, first, second] = [await openFile(path), await openFile(path), await openFile(path)]
  const write = () => other.exec('INSERT INTO scratch VALUES (1)')
  other.exec('CREATE TABLE scratch (n); PRAGMA wal_checkpoint(TRUNCATE)')
  // A log that is begun anew has another name. Readers keep what comes after them from being merged, that name as well.
  for (const reader of [first, second]) {
    write()
    reader.exec('BEGIN; SELECT * FROM scratch')
  }
  await publish(own, { text: 'two' })
  first.exec('COMMIT')
  other.exec('PRAGMA wal_checkpoint(PASSIVE)')
  await publish(own, { text: 'three' })
  second.exec('COMMIT')
  for (const each of [other, first, second]) each.close()
  await publish(own, { text: 'four' })
  await own.close()
  const after = await openSqliteStore({ path, isAlone: true })
  expect((await log(after)).map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four'])
  expect((await after.inspect()).incidents).toEqual([])
  await after.close()
})

test('twenty processes that start at once on a new file all get a store', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const starters = Array.from({ length: 20 }, () => startStarter(path))
  const codes = await Promise.all(starters.map(async starter => (await once(starter, 'exit'))[0]))
  expect(codes).toEqual(Array.from({ length: 20 }, () => 0))
  const store = await openSqliteStore({ path })
  expect((await log(store)).map(event => event.id)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  await store.close()
})

test('concurrent callers share a transaction, a lone one has its own', async () => {
  const store = await openSqliteStore({ path: await freshPath() })
  await publish(store)
  expect(await store.stats()).toMatchObject({ commits: 1, transactions: 1 })
  await Promise.all(Array.from({ length: 32 }, () => publish(store)))
  expect(await store.stats()).toMatchObject({ commits: 33, transactions: 2 })
  await store.close()
})

test('what changes nothing costs no transaction', async () => {
  const store = await openSqliteStore({ path: await freshPath() })
  const key = { scope: 's', key: 'k', fingerprint: 'f' }
  await store.commit([{ kind: 'touch', ids: [] }], key)
  await store.commit([{ kind: 'touch', ids: [] }], key)
  await store.commit([{ kind: 'revokeToken', name: 'none' }])
  expect(await store.stats()).toMatchObject({ commits: 3, transactions: 1 })
  await store.close()
})
