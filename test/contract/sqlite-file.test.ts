import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { log, publish } from './bench.ts'
import { freshPath } from './open.ts'

test('a file that is no store is refused', async () => {
  const path = await freshPath()
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
