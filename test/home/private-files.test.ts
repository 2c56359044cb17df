import { existsSync } from 'node:fs'
import fs, { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { BusError } from '../../src/bus/errors.ts'
import { userCredential } from '../../src/home/credentials.ts'
import { closeOwnFile } from '../../src/home/ownership.ts'
import { homePaths } from '../../src/home/paths.ts'
import { createPrivate, privateFolder, readPrivate, writePrivate } from '../../src/home/private-files.ts'

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-home-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const refused = { code: 'store_unavailable', next: expect.stringContaining('SWITCHBOARD_HOME') }

it('makes a folder and those above it for their owner alone, by many at once', async () => {
  const top = join(await tempFolder(), 'a')
  const path = join(top, 'b', 'c')
  await Promise.all(Array.from({ length: 10 }, () => privateFolder(path)))
  for (const each of [top, path]) expect((await stat(each)).mode & 0o777).toBe(0o700)
})

it('refuses a file in its place, and says what came', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(privateFolder(join(folder, 'file'))).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('got a file'),
  })
})

it('follows a link of the user to a folder of the user, and no link to a file', async () => {
  const folder = await tempFolder()
  await symlink(folder, join(folder, 'link'))
  await privateFolder(join(folder, 'link'))
  await writePrivate(join(folder, 'link', 'file'), 'text')
  expect(readPrivate(join(folder, 'file'))).toBe('text')
  await symlink(join(folder, 'file'), join(folder, 'other'))
  expect(() => readPrivate(join(folder, 'other'))).toThrow(`got a link`)
})

it('closes a folder of the user that others can read, and refuses one that others can write', async () => {
  const folder = await tempFolder()
  await chmod(folder, 0o755)
  await privateFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  for (const mode of [0o777, 0o1777, 0o702]) {
    await chmod(folder, mode)
    const fault = { code: 'unsafe_place', message: expect.stringContaining(mode.toString(8)) }
    const refusal = await privateFolder(folder).catch((error: BusError) => error)
    expect(refusal).toMatchObject(fault)
    // Nobody is told to close to others what all users share.
    expect((refusal as BusError).next?.includes('chmod')).toBe(mode !== 0o1777)
    // With the sticky bit what is the user's stays the user's.
    const below = privateFolder(join(folder, 'below', 'it'))
    await (mode === 0o1777 ? below : expect(below).rejects.toMatchObject(fault))
  }
})

it('says that a home cannot be there where its parent is a file', async () => {
  const file = join(await tempFolder(), 'file')
  await writeFile(file, '')
  const home = join(file, 'home')
  await expect(userCredential(homePaths({ SWITCHBOARD_HOME: home }))).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining(home),
  })
})

// The system says there that the parent is missing, although it is not: Node's own way never comes back.
it.skipIf(!existsSync('/proc/self'))('says that a home cannot be there where nothing can be made', async () => {
  await expect(privateFolder('/proc/nope')).rejects.toMatchObject(refused)
  await expect(privateFolder('/proc/nope/deeper')).rejects.toMatchObject(refused)
})

it('closes a store that others could read, and refuses one that they could write', async () => {
  const folder = await tempFolder()
  const store = join(folder, 'store.db')
  await writeFile(store, '')
  await chmod(store, 0o644)
  closeOwnFile(store)
  expect((await stat(store)).mode & 0o777).toBe(0o600)
  await chmod(store, 0o602)
  expect(() => closeOwnFile(store)).toThrow('has mode 602')
})

/** What fails while a file is written, and as what. */
const WRITES = [
  ['open', 'ENOSPC', 'store_full'],
  ['write', 'ENOSPC', 'store_full'],
  ['write', 'EDQUOT', 'store_full'],
  ['write', 'EIO', 'store_unavailable'],
  ['write', 'EFBIG', 'store_unavailable'],
  ['open', 'EMFILE', 'store_unavailable'],
  ['open', 'EROFS', 'store_unavailable'],
] as const

it.each(WRITES)('names the file where its %s fails with %s, and leaves nothing behind', async (step, errno, code) => {
  const folder = await tempFolder()
  const fault = Object.assign(new Error(`${errno}: ${step}`), { code: errno, errno: -constants.errno[errno] })
  const handle = await fs.open(join(folder, 'probe'), 'w')
  onTestFinished(() => handle.close())
  const fails =
    step === 'open'
      ? vi.spyOn(fs, 'open').mockRejectedValue(fault)
      : vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'writeFile').mockRejectedValue(fault)
  onTestFinished(() => fails.mockRestore())
  const path = join(folder, 'file')
  for (const write of [writePrivate, createPrivate]) {
    await expect(write(path, 'text')).rejects.toMatchObject({ code, message: expect.stringContaining(path) })
  }
  expect(await readdir(folder)).toEqual(['probe'])
})

it('names the file that cannot be replaced', async () => {
  const folder = await tempFolder()
  await privateFolder(join(folder, 'file'))
  const write = writePrivate(join(folder, 'file'), 'text')
  await expect(write).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('file') })
  expect(await readdir(folder)).toEqual(['file'])
})
