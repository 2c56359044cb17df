import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { checksum } from '../../src/store/sqlite/event-row.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import grantors from '../../src/store/sqlite/migrations/0008-grantors.sql'
import { migrations } from '../../src/store/sqlite/migrations/index.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { anEvent, aSession, confirm, done, join as joinBus, log, publish, START_MS, take } from './bench.ts'
import { temporaryFolder } from './open.ts'
import { buildPrograms } from './programs/build.ts'
import { TestMachine } from './test-machine.ts'

let programs: string
beforeAll(async () => {
  programs = await buildPrograms('writer', 'starter')
})
afterAll(() => rm(programs, { recursive: true, force: true }))

async function freshPath(): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data/bus.db')
}

function start(program: string, path: string): ChildProcess {
  return spawn(process.execPath, [join(programs, `${program}.mjs`), path], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('a store that is opened again has all that was in it, and its clock goes on', async () => {
  const path = await freshPath()
  const clock = new TestMachine(START_MS)
  const open = () => openSqliteStore({ path, clock })
  const before = await open()
  await joinBus(before, 's1')
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
  const store = await openSqliteStore({ path })
  await joinBus(store, 's1')
  for (let n = 0; n < 70; n++) await publish(store, { text: `event ${n}` })
  const synced = await size()
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
    expect((await after.events({ query: 'event 69', order: 'asc', limit: 9 })).events).toHaveLength(1)
    pending.add((await after.unread('s1', 100)).pending)
    expect(await publish(after)).toMatchObject({ id: 71 })
    await after.close()
  }
  await store.close()
  expect([...pending].sort()).toEqual([30, 70])
})

const KEY = { scope: 's1 publish', key: 'k1', fingerprint: 'f1' }

// Events are indexed in batches of 64.
test.each([1, 70])('mail and key of an event are there after a restart, with %i events in all', async count => {
  const path = await freshPath()
  const before = await openSqliteStore({ path })
  await joinBus(before, 's1')
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

test('what another connection has written meanwhile is met by the next commit, also after one that was undone', async () => {
  const path = await freshPath()
  const own = await openSqliteStore({ path })
  await joinBus(own, 's1')
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
    const writer = start('writer', path)
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

test('twenty processes that start at once on a new file all get a store', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const starters = Array.from({ length: 20 }, () => start('starter', path))
  const codes = await Promise.all(starters.map(async starter => (await once(starter, 'exit'))[0]))
  expect(codes).toEqual(Array.from({ length: 20 }, () => 0))
  const store = await openSqliteStore({ path })
  expect((await log(store)).map(event => event.id)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  await store.close()
})

test('a file of the first schema is found through by every filter, its newest events too', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, 1))
  const body = {
    senderId: 's1',
    senderName: 's1',
    type: 'ci',
    level: 'actionable',
    channels: ['topic:x'],
    urgency: 'now',
  }
  for (const id of [1, 2]) {
    const json = JSON.stringify({ ...body, text: `build ${id}`, thread: 't', hops: 0 })
    const sum = checksum(id, START_MS, json)
    old.run("INSERT INTO events VALUES (?, ?, 'ci', 's1', 't', 2, NULL, ?, ?)", id, START_MS, json, sum)
    old.run("INSERT INTO postings VALUES ('topic:x', 0, ?, 's1', 2, 0)", id)
  }
  // As far as the first schema had come with its index of words.
  old.run("INSERT INTO words (rowid, text) VALUES (1, 'build 1 ci')")
  old.run('UPDATE log SET newest = 2, at = ?, events = 2, indexed_up_to = 1', START_MS)
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  for (const query of [
    { types: ['ci'] },
    { senderId: 's1' },
    { thread: 't' },
    { minLevel: 'actionable' },
    { minLevel: 'actionable', channels: ['topic:x'] },
    { channels: ['topic:x'] },
    { query: 'build' },
  ] as const) {
    expect((await store.events({ ...query, order: 'asc', limit: 9 })).events.map(({ id }) => id)).toEqual([1, 2])
  }
  expect(await publish(store)).toMatchObject({ id: 3 })
  await store.close()
  const sql = await openFile(path)
  expect(sql.all("SELECT event FROM facets WHERE facet = 'type ci'")).toEqual([{ event: 1 }])
  sql.close()
})

test('sessions of before names had looks keep theirs, and newcomers do not look like them', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, 6))
  const names = ['api', 'API', 's1', 'оperator']
  for (const [n, name] of names.entries()) {
    const session = { ...aSession(`s${n}`, { name }), registeredAt: START_MS, seenAt: START_MS }
    old.run(
      'INSERT INTO sessions (id, name, codename, machine, gone, seen_at, cursor, session) VALUES (?, ?, ?, ?, 0, ?, 0, ?)',
      session.id,
      name,
      session.codename,
      session.machine,
      START_MS,
      JSON.stringify(session),
    )
  }
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  expect((await store.sessionsCalled('API')).map(each => each.id)).toEqual(['s1'])
  expect((await store.sessionsCalled('s1')).map(each => each.id)).toEqual(['s1'])
  const [renamed] = await done(store, { kind: 'updateSession', id: 's1', patch: { role: 'dev' } })
  expect(renamed).toMatchObject({ name: 'API', role: 'dev' })
  for (const [wished, given] of [
    ['Api', 'Api-2'],
    ['operator', 'operator-2'],
    ['S1', 'S1-2'],
  ] as const) {
    const [next] = await done(store, { kind: 'createSession', session: aSession(`of ${wished}`, { name: wished }) })
    expect(next.name).toBe(given)
  }
  await store.close()
})

test('a word index with the pages of the third schema is searched together with what comes after', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, 3))
  const OLD = 1_500
  old.run('BEGIN')
  for (let id = 1; id <= OLD; id++) {
    const json = JSON.stringify(anEvent({ text: `build ${id % 2 === 0 ? 'even' : 'odd'}` }))
    const sum = checksum(id, START_MS, json)
    old.run(
      "INSERT INTO events (id, at, type, sender, level, body, crc) VALUES (?, ?, 'message', 'token:ci', 1, ?, ?)",
      id,
      START_MS,
      json,
      sum,
    )
    old.run('INSERT INTO words (rowid, text) VALUES (?, ?)', id, `build ${id % 2 === 0 ? 'even' : 'odd'} message`)
  }
  old.run('UPDATE log SET newest = ?1, at = ?2, events = ?1, indexed_up_to = ?1', OLD, START_MS)
  old.run('COMMIT')
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  for (let n = 1; n <= 300; n++) await publish(store, { text: `build ${n % 2 === 0 ? 'even' : 'odd'}` })
  const { events: found } = await store.events({ query: 'build even', order: 'desc', limit: 900 })
  expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 900 }, (_, n) => OLD + 300 - 2 * n))
  await store.close()
  const sql = await openFile(path)
  expect(sql.one("SELECT v FROM words_config WHERE k = 'pgsz'")).toEqual({ v: 1_000 })
  sql.exec("INSERT INTO words (words) VALUES ('integrity-check')")
  sql.close()
})

test('a file of the second schema keeps its mail and its keys, those of its newest events too', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, 2))
  for (const id of [1, 2]) {
    const event = anEvent({ text: `build ${id}`, channels: ['topic:x'] })
    const json = JSON.stringify(event)
    const sum = checksum(id, START_MS, json)
    old.run("INSERT INTO events VALUES (?, ?, 'message', 'token:ci', NULL, 1, NULL, ?, ?)", id, START_MS, json, sum)
    old.run("INSERT INTO postings VALUES ('topic:x', 0, ?, 'token:ci', 0)", id)
    const results = JSON.stringify([{ id, at: START_MS, ...event }])
    old.run(
      "INSERT INTO keys (scope, key, fingerprint, at, results) VALUES ('s', ?, 'f', ?, ?)",
      `k${id}`,
      START_MS,
      results,
    )
  }
  old.run('UPDATE log SET newest = 2, at = ?, events = 2, indexed_up_to = 1', START_MS)
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  await done(
    store,
    { kind: 'createSession', session: aSession('s1') },
    { kind: 'follow', sessionId: 's1', channels: ['topic:x'], backfillMs: 60_000 },
  )
  await publish(store, { text: 'build 3', channels: ['topic:x'] })
  expect((await take(store, 's1')).messages.map(({ text }) => text)).toEqual(['build 1', 'build 2', 'build 3'])
  for (const id of [1, 2]) {
    const again = await store.commit([{ kind: 'append', event: anEvent() }], {
      scope: 's',
      key: `k${id}`,
      fingerprint: 'f',
    })
    expect(again).toMatchObject({ replayed: true, results: [{ id }] })
  }
  expect((await store.events({ channels: ['topic:x'], order: 'asc', limit: 9 })).events).toHaveLength(3)
  await store.close()
})

test('a file that a newer program wrote is refused, and left as it is', async () => {
  const path = await freshPath()
  const sql = await openFile(path)
  sql.exec('PRAGMA user_version = 99')
  sql.close()
  await expect(openSqliteStore({ path })).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/schema 99.*newer Switchboard/),
  })
})

test('state of before is listed without its values, as it was written', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, 9))
  const entry = { key: 'plan', note: 'why', value: ['x'], by: 's1', byName: 'api', at: START_MS, version: 2 }
  const add = 'INSERT INTO state (key, version, entry) VALUES (?, ?, ?)'
  old.run(add, 'plan', 1, JSON.stringify({ ...entry, version: 1 }))
  old.run(add, 'plan', 2, JSON.stringify(entry))
  old.run('INSERT INTO present_state (key, version) VALUES (?, ?)', 'plan', 2)
  old.close()
  const store = await openSqliteStore({ path })
  const { value: _, ...about } = entry
  expect(await store.states('', 9)).toEqual([about])
  expect(await store.state('plan')).toEqual(entry)
  await store.close()
})

test('a migration that breaks halfway leaves nothing of itself', async () => {
  const sql = await openFile(await freshPath())
  const broken = [...migrations, 'CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);']
  expect(() => migrate(sql, broken)).toThrow(/nowhere/)
  expect(sql.one('PRAGMA user_version')).toMatchObject({ user_version: migrations.length })
  expect(sql.has("SELECT 1 FROM sqlite_master WHERE name = 'half'")).toBe(false)
  migrate(sql, [...migrations, 'CREATE TABLE whole (a);'])
  expect(sql.one('PRAGMA user_version')).toMatchObject({ user_version: migrations.length + 1 })
  sql.close()
})

test('a file that is no store is refused', async () => {
  const path = await freshPath()
  const { writeFile, readFile } = await import('node:fs/promises')
  await mkdir(dirname(path))
  await writeFile(path, 'This is not a database. '.repeat(100))
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await readFile(path, 'utf8')).toMatch(/^This is not/)
})

test('file, log and index are for the user alone, and so is their folder', async () => {
  const path = await freshPath()
  const umask = process.umask(0)
  const store = await openSqliteStore({ path })
  process.umask(umask)
  await publish(store)
  const modeOf = async (each: string) => ((await stat(each)).mode & 0o777).toString(8)
  expect(await Promise.all(['', '-wal', '-shm'].map(suffix => modeOf(path + suffix)))).toEqual(['600', '600', '600'])
  expect(await modeOf(dirname(path))).toBe('700')
  await store.close()
})

test('a damaged event is never served', async () => {
  const path = await freshPath()
  const store = await openSqliteStore({ path })
  await publish(store, { text: 'pay 100' })
  await publish(store, { text: 'untouched' })
  await store.close()
  const sql = await openFile(path)
  sql.run("UPDATE events SET body = replace(body, '100', '900') WHERE id = 1")
  sql.close()
  const after = await openSqliteStore({ path })
  const damaged = { code: 'store_unavailable', details: { event_id: 1 } }
  await expect(after.event(1)).rejects.toMatchObject(damaged)
  await expect(log(after)).rejects.toMatchObject(damaged)
  expect(await after.event(2)).toMatchObject({ text: 'untouched' })
  await after.close()
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

test('the sessions of a file that did not know grantors are those of the token of their machine, else the operator’s', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path))
  migrate(old, migrations.slice(0, migrations.indexOf(grantors)))
  const token = (name: string, machine: string, revoked = 0) =>
    old.run(
      'INSERT INTO tokens (name, hash, revoked, token) VALUES (?, ?, ?, ?)',
      name,
      `hash-of-${name}`.padEnd(64, '0'),
      revoked,
      JSON.stringify({ name, hash: `hash-of-${name}`, scopes: ['read'], machine, createdAt: START_MS }),
    )
  token('laptop', 'laptop')
  token('here', 'desk')
  token('gone', 'far', 1)
  const { grantor: _, ...known } = aSession('x')
  for (const [num, [id, machine]] of [
    ['operator', 'desk'],
    ['of the desk', 'desk'],
    ['of the laptop', 'laptop'],
    ['of far away', 'far'],
    ['of nowhere \uD800', 'nowhere'],
  ].entries()) {
    const session = { ...known, id, name: id, codename: id, machine, clientId: 'c', registeredAt: START_MS }
    const columns = 'num, id, name, codename, machine, client_id, gone, seen_at, cursor, session'
    old.run(
      `INSERT INTO sessions (${columns}) VALUES (?, ?, ?, ?, ?, ?, 0, ?, 0, ?)`,
      num + 1,
      id!,
      id!,
      id!,
      machine!,
      `c${num}`,
      START_MS,
      JSON.stringify(session),
    )
  }
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  const grantorOf = async (id: string) => (await store.session(id))?.grantor
  const [laptop, , gone] = await store.tokens()
  expect(await grantorOf('operator')).toBe('operator')
  expect(await grantorOf('of the desk')).toBe('operator')
  expect(await grantorOf('of nowhere \uD800')).toBe('operator')
  expect(await grantorOf('of the laptop')).toBe(laptop?.id)
  expect(await grantorOf('of far away')).toBe(gone?.id)
  expect((await store.sessionOfClient(laptop!.id, 'laptop', 'c2'))?.id).toBe('of the laptop')
  const ofRevoked = { kind: 'session', id: 'of far away', scope: 'read' } as const
  expect(await store.lapse(ofRevoked)).toBe('revoked')
  await done(store, { kind: 'revokeToken', name: 'laptop' })
  expect((await store.session('of the laptop'))?.endReason).toBe('token revoked')
  await store.close()
})
