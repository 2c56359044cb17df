import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { checksum } from '../../src/store/sqlite/event-row.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import grantors from '../../src/store/sqlite/migrations/0008-grantors.sql'
import { migrations } from '../../src/store/sqlite/migrations/index.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { anEvent, aSession, done, publish, START_MS, take } from './bench.ts'
import { freshPath } from './open.ts'
import { TestMachine } from './test-machine.ts'

test('a file of the first schema is found through by every filter, its newest events too', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path), path)
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
  const old = new Sql(await openDatabase(path), path)
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
  const old = new Sql(await openDatabase(path), path)
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
  const old = new Sql(await openDatabase(path), path)
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

test('mail of before that may ring is found before older mail', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path), path)
  migrate(old, migrations.slice(0, 12))
  for (const [id, more] of [
    [1, {}],
    [2, { urgency: 'now' }],
    [3, { urgency: 'now', held: 'too many hops' }],
  ] as const) {
    const json = JSON.stringify(anEvent({ ...more, channels: ['topic:x'] }))
    const values = [id, START_MS, json, checksum(id, START_MS, json)] as const
    old.run(
      "INSERT INTO events (id, at, type, sender, level, body, crc) VALUES (?, ?, 'message', 'token:ci', 1, ?, ?)",
      ...values,
    )
    old.run("INSERT INTO postings VALUES ('topic:x', 0, ?, 'token:ci', ?)", id, id === 3 ? 1 : 0)
  }
  old.run('UPDATE log SET newest = 3, at = ?, events = 3, indexed_up_to = 3', START_MS)
  old.close()
  const store = await openSqliteStore({ path, clock: new TestMachine(START_MS) })
  await done(
    store,
    { kind: 'createSession', session: aSession('s1') },
    { kind: 'follow', sessionId: 's1', channels: ['topic:x'], backfillMs: 60_000 },
  )
  await publish(store, { channels: ['topic:x'], urgency: 'now' })
  expect((await store.unread('s1', 9, 'urgent')).messages.map(({ id }) => id)).toEqual([2, 4, 1])
  await store.close()
  const sql = await openFile(path)
  expect(sql.all("SELECT facet, event FROM facets WHERE facet = 'now topic:x' AND event < 4")).toEqual([
    { facet: 'now topic:x', event: 2 },
  ])
  sql.close()
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
  const old = new Sql(await openDatabase(path), path)
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

test('the sessions of a file that did not know grantors are those of the token of their machine, else the operator’s', async () => {
  const path = await freshPath()
  await mkdir(dirname(path), { recursive: true })
  const old = new Sql(await openDatabase(path), path)
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
