import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { say } from '../../src/bus/say.ts'
import type { Store } from '../../src/bus/store.ts'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { CORRUPT, DamagedRow, resultCode, storeError } from '../../src/store/sqlite/errors.ts'
import { noteIncident } from '../../src/store/sqlite/incidents.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { mend } from '../../src/store/sqlite/mend.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { guardRows } from '../../src/store/sqlite/row-sums.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { anEvent, join as joinBus, log, publish, START_MS } from './bench.ts'
import { temporaryFolder } from './open.ts'
import { TestMachine } from './test-machine.ts'

/** https://sqlite.org/rescode.html */
const IOERR_FSYNC = 1034
const FULL = 13
const BUSY = 5

/** A connection on which the next of some statement fails as SQLite fails. */
class FaultySql extends Sql {
  fault: { text: string; errcode: number } | undefined
  ran: string[] = []

  override run(...[text, ...values]: Parameters<Sql['run']>): void {
    this.ran.push(text)
    if (this.fault?.text === text) {
      const { errcode } = this.fault
      this.fault = undefined
      throw Object.assign(new Error(`planted ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode })
    }
    super.run(text, ...values)
  }
}

async function faultyStore() {
  const folder = await temporaryFolder()
  const path = join(folder, 'bus.db')
  ;(await openFile(path)).close()
  const sql = new FaultySql(await openDatabase(path), path)
  guardRows(sql)
  const store = new SqliteStore(sql, path, new TestMachine(START_MS))
  onTestFinished(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { sql, store, path }
}

test('a commit whose sync fails is not acknowledged, nor retried, and the store is done for', async () => {
  const { sql, store } = await faultyStore()
  await publish(store, { text: 'kept' })
  sql.fault = { text: 'COMMIT', errcode: IOERR_FSYNC }
  sql.ran = []
  const all = await Promise.allSettled([publish(store), publish(store)])
  for (const each of all) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } })
  expect(sql.ran.filter(text => text === 'COMMIT')).toHaveLength(1)
  await expect(publish(store)).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.bounds()).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(sql.ran.filter(text => text === 'COMMIT')).toHaveLength(1)
})

test('a commit that fails for a reason nobody foresaw is the end of the store, too', async () => {
  const { sql, store } = await faultyStore()
  sql.fault = { text: 'COMMIT', errcode: 7 }
  await expect(publish(store)).rejects.toThrow('planted 7')
  await expect(publish(store)).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('an I/O error within a transaction fails all that it carries, and the store', async () => {
  const { sql, store } = await faultyStore()
  sql.fault = { text: 'RELEASE one', errcode: 778 }
  const all = await Promise.allSettled([publish(store), publish(store)])
  expect(all.map(each => each.status)).toEqual(['rejected', 'rejected'])
  await expect(store.now()).rejects.toMatchObject({ code: 'store_unavailable' })
})

test.each(['COMMIT', 'RELEASE one'])('a disk that is full at %s keeps nothing, and the store goes on', async text => {
  const { sql, store } = await faultyStore()
  await publish(store, { text: 'kept' })
  sql.fault = { text, errcode: FULL }
  const all = await Promise.allSettled([publish(store), publish(store)])
  for (const each of all) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'store_full' } })
  expect((await log(store)).map(event => event.text)).toEqual(['kept'])
  expect((await publish(store)).id).toBe(2)
})

test('a lock held elsewhere for too long is unavailable for that commit only', async () => {
  const { sql, store } = await faultyStore()
  sql.fault = { text: 'BEGIN IMMEDIATE', errcode: BUSY }
  await expect(publish(store)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect((await publish(store)).id).toBe(1)
})

test('what a transaction that was undone had ended is good still', async () => {
  const { sql, store } = await faultyStore()
  await joinBus(store, 's1')
  const authority = { kind: 'session', id: 's1', scope: 'publish' } as const
  const say = () => store.commit([{ kind: 'append', event: anEvent() }], undefined, authority)
  sql.fault = { text: 'COMMIT', errcode: FULL }
  const all = await Promise.allSettled([store.commit([{ kind: 'endSession', id: 's1', reason: '' }]), say()])
  for (const each of all) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'store_full' } })
  expect((await store.session('s1'))?.endedAt).toBeUndefined()
  expect(await say()).toMatchObject({ ok: true })
})

test('nothing is written between the words of a batch, as SQLite would flush them before each row with a sum', async () => {
  const { sql, store } = await faultyStore()
  const key = (n: number) => ({ scope: 's', key: `${n}`, fingerprint: 'f' })
  const append = { kind: 'append', event: anEvent() } as const
  await Promise.all(Array.from({ length: 64 }, (_, n) => store.commit([append], key(n))))
  await expect.poll(() => sql.ran.filter(text => text.startsWith('INSERT INTO words'))).toHaveLength(64)
  const isOfWords = sql.ran.map(text => text.startsWith('INSERT INTO words'))
  expect(isOfWords.lastIndexOf(true) - isOfWords.indexOf(true)).toBe(63)
})

test('nobody is told of events that were not kept', async () => {
  const { sql, store } = await faultyStore()
  let calls = 0
  store.onAppend(() => calls++)
  sql.fault = { text: 'COMMIT', errcode: FULL }
  await expect(publish(store)).rejects.toMatchObject({ code: 'store_full' })
  await new Promise(resolve => setImmediate(resolve))
  expect(calls).toBe(0)
})

test('damage that a reading of several rows meets is recognised, whichever driver reads', async () => {
  const folder = await temporaryFolder()
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'bus.db')
  const store = await openSqliteStore({ path })
  for (let n = 0; n < 400; n++) await publish(store, { text: `${n} `.padEnd(500, 'x') })
  await store.close()
  const bytes = readFileSync(path)
  const found = bytes.indexOf('200 xxx')
  bytes.fill(0xff, found - (found % 4_096), found - (found % 4_096) + 4_096)
  writeFileSync(path, bytes)
  const sql = new Sql(await openDatabase(path), path)
  onTestFinished(() => sql.close())
  const codes = [
    () => sql.all('SELECT * FROM events'),
    () => sql.one('SELECT max(body) FROM events'),
    () => sql.exec('SELECT max(body) FROM events'),
  ].map(read => {
    try {
      return read()
    } catch (error) {
      return resultCode(error)
    }
  })
  expect(codes).toEqual([CORRUPT, CORRUPT, CORRUPT])
})

/** How the packaged driver throws what SQLite says of a reading of several rows. */
const CODELESS = {
  'database is locked': 'another process keeps',
  'disk I/O error': 'cannot be read or written',
  'database disk image is malformed': 'cannot be read or written',
  'fts5: corruption found reading blob 1 from table "words"': 'cannot be read or written',
  'database or disk is full': 'is full',
  'unable to open database file': 'cannot be read or written',
  'file is not a database': 'expected a store',
}

test.each(Object.entries(CODELESS))('"%s" without a code names the file', (message, said) => {
  const error = storeError(Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR' }), '/x/bus.db')
  expect(error).toBeInstanceOf(BusError)
  expect((error as BusError).message).toContain(said)
  expect((error as BusError).message).toContain('/x/bus.db')
})

const mounting = canMount()

test.skipIf(mounting !== true)(
  `a real disk that fills up loses nothing, and goes on when there is room${mounting === true ? '' : ` (skipped: ${mounting})`}`,
  async () => {
    const folder = await temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'switchboard-test', folder])
    let store: Store | undefined
    onTestFinished(async () => {
      await store?.close()
      // Lazily: the packaged driver keeps the file open until its statements are collected.
      execFileSync('umount', ['--lazy', folder])
      await rm(folder, { recursive: true, force: true })
    })
    store = await openSqliteStore({ path: join(folder, 'bus.db') })
    const kept: number[] = []
    const fill = async () => {
      for (;;) kept.push((await publish(store!, { text: 'x'.repeat(2_000) })).id)
    }
    await expect(fill()).rejects.toMatchObject({ code: 'store_full' })
    await expect(publish(store, { text: 'x'.repeat(9_000) })).rejects.toMatchObject({ code: 'store_full' })
    expect((await log(store)).map(event => event.id)).toEqual(kept)
    execFileSync('mount', ['-o', 'remount,size=8m', folder])
    kept.push((await publish(store, { text: 'there is room' })).id)
    expect((await log(store)).map(event => event.id)).toEqual(kept)
    expect(kept).toEqual(kept.map((_, n) => n + 1))
  },
)

function canMount(): true | string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount a small disk'
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return 'this machine does not let root mount'
  }
}

/** A connection on which the disk is full at one statement: SQLite ends the transaction then by itself. */
class FullSql extends Sql {
  readonly #at: string
  constructor(at: string, ...rest: ConstructorParameters<typeof Sql>) {
    super(...rest)
    this.#at = at
  }

  override run(...[text, ...values]: Parameters<Sql['run']>): void {
    this.#meet(text)
    super.run(text, ...values)
  }

  override exec(text: string): void {
    this.#meet(text)
    super.exec(text)
  }

  #meet(text: string): void {
    if (!text.startsWith(this.#at)) return
    super.exec('ROLLBACK')
    throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: FULL })
  }
}

/** What is done before the store is open, and a statement of each. */
const BEFORE_OPENING: Record<string, [at: string, work: (sql: Sql) => unknown]> = {
  'the file is brought to the schema': ['PRAGMA user_version =', sql => migrate(sql, ['CREATE TABLE notes (text)'])],
  'it is noted what happened': ['INSERT INTO incidents', sql => noteIncident(sql, 1, say`a log was missing`)],
  'damage is taken out': ['INSERT INTO incidents', sql => mend(sql, new DamagedRow('claims'), 'bus.db', 1)],
}

test.each(Object.entries(BEFORE_OPENING))(
  'a disk that is full is told, and by its file, where %s',
  async (_, [at, work]) => {
    const folder = await temporaryFolder()
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'bus.db')
    const before = await openFile(path)
    before.exec('PRAGMA user_version = 0')
    before.close()
    const sql = new FullSql(at, await openDatabase(path), path)
    onTestFinished(() => sql.close())
    const error = await Promise.resolve(sql)
      .then(work)
      .then(
        () => undefined,
        (fault: unknown) => fault,
      )
    expect(storeError(error, path)).toMatchObject({ code: 'store_full', message: expect.stringContaining(path) })
  },
)
