import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { join as joinBus, log, publish } from './bench.ts'
import { temporaryFolder } from './open.ts'

/** A store whose file somebody else handles meanwhile. */
async function handled() {
  const folder = await temporaryFolder()
  const path = join(folder, 'bus.db')
  const stores: Store[] = []
  const incidents: string[] = []
  const open = async (at = path) => {
    const store = await openSqliteStore({ path: at, isAlone: true, onIncident: ({ text }) => incidents.push(text) })
    stores.push(store)
    return store
  }
  onTestFinished(async () => {
    for (const store of stores) await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  /** As a process leaves it that is killed: what lies there now, in another folder. */
  const killed = async (name: string) => {
    const copy = join(folder, name, 'bus.db')
    await mkdir(dirname(copy))
    for (const suffix of ['', '-wal']) await copyFile(path + suffix, copy + suffix)
    return copy
  }
  return { folder, path, open, killed, incidents }
}

/** The same, with a copy of a store that had one event. */
async function backedUp() {
  const own = await handled()
  const first = await own.open()
  await publish(first, { text: 'backed up' })
  await first.close()
  await copyFile(own.path, join(own.folder, 'backup.db'))
  return own
}

const texts = async (store: Store) => (await log(store)).map(({ text }) => text)
const lastText = async (store: Store) => (await store.events({ order: 'desc', limit: 1 })).events[0]?.text.slice(0, 20)

/** More than is merged at a time. */
async function publishMuch(store: Store): Promise<void> {
  for (let n = 0; n < 40; n++) await publish(store, { text: `${n} `.padEnd(200_000, 'x') })
  await new Promise(resolve => setImmediate(resolve))
}

const replacements: Record<string, (path: string, folder: string) => Promise<void>> = {
  'moved away': (path, folder) => rename(path, join(folder, 'moved.db')),
  removed: path => rm(path),
  'replaced by another file': async (path, folder) => {
    await writeFile(join(folder, 'other.db'), 'other')
    await rename(join(folder, 'other.db'), path)
  },
  'without its log': path => rm(`${path}-wal`),
  'beside another log': async (path, folder) => {
    await writeFile(join(folder, 'other'), '')
    await rename(join(folder, 'other'), `${path}-wal`)
  },
  'restored over itself': (path, folder) => copyFile(join(folder, 'backup.db'), path),
}

test.each(Object.entries(replacements))(
  'a store that is %s acknowledges nothing more, and says why',
  async (_, replace) => {
    const { folder, path, open } = await handled()
    const before = await open()
    await publish(before, { text: 'backed up' })
    await before.close()
    await copyFile(path, join(folder, 'backup.db'))
    const store = await open()
    await publish(store, { text: 'before' })
    await replace(path, folder)
    const why = {
      code: 'store_unavailable',
      message: expect.stringMatching(/bus\.db(-wal)? was (removed|replaced|overwritten) while/),
    }
    await expect(publish(store, { text: 'after' })).rejects.toMatchObject(why)
    await expect(store.bounds()).rejects.toMatchObject(why)
    await expect(publish(store)).rejects.toMatchObject(why)
  },
)

test('a read notices it too', async () => {
  const { path, open } = await handled()
  const store = await open()
  await publish(store)
  await rm(path)
  await expect.poll(() => store.bounds().catch(error => error.code)).toBe('store_unavailable')
})

test('a store that was moved away is whole where it is now, and a log that was removed takes nothing along', async () => {
  const { folder, path, open } = await handled()
  const moved = await open()
  await publish(moved, { text: 'moved' })
  await rename(path, join(folder, 'moved.db'))
  await expect(publish(moved)).rejects.toMatchObject({ code: 'store_unavailable' })
  await moved.close()
  expect(await texts(await open(join(folder, 'moved.db')))).toEqual(['moved'])

  const store = await open()
  await publish(store, { text: 'kept' })
  await rm(`${path}-wal`)
  await expect(publish(store, { text: 'refused' })).rejects.toMatchObject({ code: 'store_unavailable' })
  await store.close()
  expect((await texts(await open()))[0]).toBe('kept')
})

test('a backup that is copied over an open store is what the next one finds, unmixed; what was in its log is laid aside', async () => {
  const { folder, path, open, killed } = await backedUp()
  const store = await open()
  await publishMuch(store)
  await publish(store, { text: 'in the log' })
  await copyFile(join(folder, 'backup.db'), path)
  await expect(publish(store)).rejects.toMatchObject({ message: expect.stringContaining('overwritten') })
  await store.close()
  // Elsewhere, because the packaged driver gives a file up late, and SQLite knows its log until then.
  const after = await open(await killed('next'))
  expect(await texts(after)).toEqual(['backed up'])
  expect((await after.inspect()).faults).toEqual([])
  expect((await readdir(folder)).some(name => name.startsWith('bus.db-wal.aside-'))).toBe(true)
})

test('a file that is only touched, or merged by another connection, goes on', async () => {
  const { path, open } = await handled()
  const store = await open()
  await publish(store)
  await utimes(path, new Date(), new Date())
  await publish(store)
  const other = await openSqliteStore({ path })
  await publish(other)
  await other.close()
  await publish(store)
  expect(await texts(store)).toHaveLength(4)
})

test.each(['whole', 'empty', 'cut'])(
  'a log that is missing after a crash is noticed, and its ids are not given again (%s)',
  async how => {
    const { open, killed, incidents, path } = await handled()
    const store = await open()
    await publishMuch(store)
    const { id } = await publish(store, { text: 'lost' })
    const copy = await killed('crashed')
    if (how === 'whole') await rm(`${copy}-wal`)
    if (how === 'empty') await writeFile(`${copy}-wal`, '')
    if (how === 'cut') await writeFile(`${copy}-wal`, 'x'.repeat(20))
    const after = await open(copy)
    expect(incidents).toEqual([expect.stringMatching(/bus\.db-wal was missing.*is lost/)])
    expect((await after.inspect()).incidents).toMatchObject([{ text: incidents[0] }])
    expect((await publish(after)).id).toBeGreaterThan(id)
    expect(existsSync(path)).toBe(true)
  },
)

test('a crash alone is no incident, nor is a clean stop', async () => {
  const { open, killed, incidents } = await handled()
  const store = await open()
  await publish(store, { text: 'one' })
  const first = await killed('first')
  await publishMuch(store)
  await publish(store, { text: 'two' })
  const second = await killed('second')
  await store.close()
  expect(await lastText(await open(first))).toBe('one')
  expect(await lastText(await open(second))).toBe('two')
  expect(await lastText(await open())).toBe('two')
  expect(incidents).toEqual([])
})

test('a backup that is restored beside the log of a crash is not mixed with it', async () => {
  const { folder, open, killed, incidents } = await backedUp()
  const store = await open()
  await publishMuch(store)
  await publishMuch(store)
  await joinBus(store, 's1')
  const crashed = await killed('crashed')
  await copyFile(join(folder, 'backup.db'), crashed)
  const after = await open(crashed)
  expect(await texts(after)).toEqual(['backed up'])
  expect(incidents).toEqual([expect.stringMatching(/did not belong.*laid aside as/)])
  expect((await after.inspect()).faults).toEqual([])
})

test.each([
  ['missing', (path: string) => rm(path)],
  ['empty', (path: string) => truncate(path)],
])(
  'a store that is %s after a crash is noticed by its log, which is kept, and no id is given twice',
  async (_, lose) => {
    const { open, killed, incidents } = await handled()
    const before = await open()
    const { id } = await publish(before, { text: 'acknowledged' })
    const crashed = await killed('crashed')
    const log = await readFile(`${crashed}-wal`)
    await lose(crashed)
    const after = await open(crashed)
    expect(incidents).toEqual([expect.stringMatching(/was missing or empty.*laid aside as/)])
    expect((await after.inspect()).incidents).toHaveLength(1)
    expect((await publish(after)).id).toBeGreaterThan(id)
    const aside = (await readdir(dirname(crashed))).find(name => name.includes('.aside-'))
    expect(await readFile(join(dirname(crashed), aside!))).toEqual(log)
  },
)
