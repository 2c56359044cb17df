import { copyFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userCredential } from '../../src/home/credentials.ts'
import type { HomePaths } from '../../src/home/paths.ts'
import { Door } from './door.ts'
import { buildHubProgram, type HubProcess, type HubProgram, startHubProcess } from './hub-process.ts'
import { type TempHome, tempHome } from './test-hub.ts'

/** Things that somebody does to the home of a hub that runs, and what the hub says of it. */
const handling: [what: string, does: (paths: HomePaths, home: TempHome) => Promise<unknown>, says: RegExp][] = [
  ['removes the lock', ({ lockFile }) => rm(lockFile), /hub\.lock was removed/],
  ['puts another file in the lock’s place', ({ lockFile }) => replaced(lockFile), /hub\.lock was replaced/],
  ['removes the socket', ({ socket }) => rm(socket), /hub\.sock was removed/],
  ['puts another file in the socket’s place', ({ socket }) => replaced(socket), /hub\.sock was replaced/],
  ['removes the store', ({ storeFile }) => rm(storeFile), /store\.db was removed/],
  [
    'moves the store away',
    ({ storeFile }, { folder }) => rename(storeFile, join(folder, 'x')),
    /store\.db was removed/,
  ],
  ['puts another store in its place', ({ storeFile }) => replaced(storeFile), /store\.db was replaced/],
  ['removes the store’s log', ({ storeFile }) => rm(`${storeFile}-wal`), /store\.db-wal was removed/],
  ['copies a backup over the store', ({ storeFile }) => copyFile(backup, storeFile), /store\.db was overwritten/],
  ['moves the whole home', (_, { folder }) => rename(folder, `${folder}-moved`), /was removed/],
]

/** A store that was closed cleanly. */
let backup: string

async function replaced(path: string): Promise<void> {
  await writeFile(`${path}.new`, await readFile(path).catch(() => ''))
  await rename(`${path}.new`, path)
}

describe('a hub whose home somebody handles', () => {
  let program: HubProgram
  let earlier: TempHome
  beforeAll(async () => {
    program = await buildHubProgram()
    earlier = await tempHome()
    await using hub = await serving(earlier)
    hub.child.kill('SIGTERM')
    await hub.exit
    backup = earlier.paths.storeFile
  })
  afterAll(async () => {
    await earlier[Symbol.asyncDispose]()
    await program[Symbol.asyncDispose]()
  })

  /** A hub that has an event. */
  async function serving(home: TempHome): Promise<HubProcess> {
    const hub = startHubProcess(program, home.folder)
    expect(await hub.isServing).toBe(true)
    await publish(home)
    return hub
  }

  it.concurrent.each(handling)('ends with a reason when somebody %s, without being called', async (_, does, says) => {
    await using home = await tempHome()
    await using hub = await serving(home)
    await does(home.paths, home)
    expect(await hub.exit).toMatchObject({ code: 6 })
    const last = hub.lines.findLast(line => line.level === 60)
    expect(last).toMatchObject({ message: expect.stringMatching(says) })
    await rm(`${home.folder}-moved`, { recursive: true, force: true })
  })

  it('leaves alone what the next hub has put there', async () => {
    await using home = await tempHome()
    await using first = startHubProcess(program, home.folder)
    expect(await first.isServing).toBe(true)
    await rm(home.paths.lockFile)
    await using second = startHubProcess(program, home.folder)
    expect(await second.isServing).toBe(true)
    await first.exit
    expect((await stat(home.paths.socket)).isSocket()).toBe(true)
    const { pid } = JSON.parse(await readFile(home.paths.hubFile, 'utf8'))
    expect(pid).toBe(second.child.pid)
    await publish(home)
  })

  async function publish(home: TempHome): Promise<void> {
    const door = new Door({ socketPath: home.paths.socket })
    try {
      const answer = await door.call('publish', { text: 'kept' }, await userCredential(home.paths))
      expect(answer.status).toBe(200)
    } finally {
      door.close()
    }
  }
})
