/**
 * A full disk stops the writing and nothing else: a hub starts, publishing is refused with `store_full`, reading goes on, and as
 * soon as there is space again so does publishing. What was acknowledged is there after it all.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BusError, Client } from '../../src/client/index.ts'
import { until } from '../until.ts'
import { canTrace, NO_QUOTA, startTraced, useUpQuota } from './failing-disk.ts'
import { integrityOf } from './integrity.ts'
import { readLog } from './log.ts'
import { preparePrograms } from './programs.ts'
import { tempHome } from './temp-home.ts'

const DISK_MIB = 12
const BALLAST_MIB = 3
const TEXT_CHARS = 60_000
/** Twice what fits. */
const MAX_CALLS = (2 * DISK_MIB * 2 ** 20) / TEXT_CHARS

test('a full disk refuses what is new, serves what is old, also to a hub that starts on it, and recovers', async context => {
  await using disk = await smallDisk(DISK_MIB)
  if (disk === undefined) return context.skip('only root can mount a small disk')
  await using programs = await preparePrograms()
  await using home = await tempHome(programs, disk.folder)
  const client = home.connect()
  const ballast = join(disk.folder, 'ballast')
  await writeFile(ballast, Buffer.alloc(BALLAST_MIB * 2 ** 20))

  const acknowledged = new Map<number, string>()
  const refusal = await publishUntilRefused(client, acknowledged)
  expect(refusal).toMatchObject({ code: 'store_full' })
  expect(acknowledged.size).toBeGreaterThan(10)

  await home.kill()
  expect(await codeOf(publish(client, 'again')), 'of a hub that started on the full disk').toBe('store_full')
  const pid = await home.pid()
  const newest = Math.max(...acknowledged.keys())
  const read = await client.call('get_events', { after: newest - 1, limit: 1 })
  expect(read.events.map(event => event.text)).toEqual([acknowledged.get(newest)])
  expect((await client.call('inbox', { peek: true })).pending).toBe(0)

  await rm(ballast)
  const event = await until(() => publish(client, 'after'), { what: 'publishing to work again' })
  acknowledged.set(event, textOf('after'))
  expect(await home.pid(), 'the hub never went away').toBe(pid)

  await home.kill()
  const log = new Map((await readLog(client, 'topic:full')).map(event => [event.id, event.text]))
  const lost = [...acknowledged].filter(([id, text]) => log.get(id) !== text).map(([id]) => id)
  expect(lost).toEqual([])
  await home.kill()
  expect(await integrityOf(home.paths.storeFile)).toBe('ok')
})

test('a hub that was stopped cleanly starts on a disk that is full to the last byte since, reads, and recovers', async context => {
  await using disk = await smallDisk(DISK_MIB)
  if (disk === undefined) return context.skip('only root can mount a small disk')
  await using programs = await preparePrograms()
  await using home = await tempHome(programs, disk.folder)
  const client = home.connect()
  const id = await publish(client, 'before')
  const pid = await home.pid()
  await client.request('POST', '/v1/hub/stop')
  await until(() => !existsSync(home.paths.socket), { what: 'the hub to stop' })
  await until(() => !existsSync(`${home.paths.storeFile}-shm`))
  const ballast = join(disk.folder, 'ballast')
  await fill(ballast)

  const { events } = await client.call('get_events', { after: 0, limit: 9 })
  expect(events.map(event => event.text)).toContain(textOf('before'))
  expect(await home.pid()).not.toBe(pid)
  expect(await codeOf(publish(client, 'refused'))).toBe('store_full')
  expect(await codeOf(client.call('set_state', { key: 'k', value: 1 }))).toBe('store_full')
  expect((await client.call('inbox', { peek: true })).pending).toBe(0)

  await rm(ballast)
  expect(await until(() => publish(client, 'after'))).toBe(id + 1)
  await home.kill()
  const texts = (await readLog(client, 'topic:full')).map(event => event.text)
  expect(texts).toEqual([textOf('before'), textOf('after')])
})

test('a quota that is used up is a full disk: no end of the hub, and it goes on when there is room again', async context => {
  if (!canTrace()) return context.skip('strace is missing or may not trace here')
  await using programs = await preparePrograms()
  await using home = await tempHome(programs)
  const client = home.connect()
  const id = await publish(client, 'before')
  const pid = await home.pid()
  {
    await using _ = await useUpQuota(pid!)
    expect(await codeOf(publish(client, 'refused'))).toBe('store_full')
    expect(await codeOf(client.call('set_state', { key: 'k', value: 1 }))).toBe('store_full')
    const { events } = await client.call('get_events', { after: id - 1, limit: 9 })
    expect(events.map(event => event.text)).toEqual([textOf('before')])
  }
  expect(await publish(client, 'after')).toBe(id + 1)
  expect(await home.pid(), 'the hub never went away').toBe(pid)

  await home.kill()
  startTraced(programs, home, ['-e', 'trace=pwrite64', '-e', NO_QUOTA])
  await home.answering({ otherThan: pid! })
  expect(await codeOf(publish(client, 'refused')), 'of a hub that started so').toBe('store_full')
  const { events } = await client.call('get_events', { after: id - 1, limit: 9 })
  expect(events.map(event => event.text)).toEqual([textOf('before'), textOf('after')])
})

/** Takes what is left of a disk. */
async function fill(path: string): Promise<void> {
  for (const bytes of [2 ** 20, 4_096, 1]) {
    const more = Buffer.alloc(bytes)
    while (await appendFile(path, more).then(isDone, isFull));
  }
}

const isDone = () => true

function isFull(error: NodeJS.ErrnoException): false {
  if (error.code !== 'ENOSPC') throw error
  return false
}

async function publishUntilRefused(client: Client, acknowledged: Map<number, string>): Promise<unknown> {
  for (let n = 0; n < MAX_CALLS; n++) {
    try {
      acknowledged.set(await publish(client, `${n}`), textOf(`${n}`))
    } catch (error) {
      return error
    }
  }
  return undefined
}

async function publish(client: Client, name: string): Promise<number> {
  return (await client.call('publish', { text: textOf(name), to: 'topic:full' })).event_id
}

function textOf(name: string): string {
  return `${name} `.padEnd(TEXT_CHARS, 'x')
}

async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => undefined,
    (error: BusError) => error.code,
  )
}

/** A disk in memory; undefined where this user may not mount one. */
async function smallDisk(mib: number): Promise<(AsyncDisposable & { folder: string }) | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-disk-'))
  const dispose = async () => await rm(folder, { recursive: true, force: true })
  const mount = ['-t', 'tmpfs', '-o', `size=${mib}m,mode=700`, 'tmpfs', folder]
  if (!succeeds(() => execFileSync('mount', mount, { stdio: 'ignore' }))) {
    await dispose()
    return undefined
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      // Lazily: a killed process gives its files back a moment after it is gone, and this one the store, which it has
      // checked, when the driver's statements are collected.
      execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' })
      await dispose()
    },
  }
}

function succeeds(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch {
    return false
  }
}
