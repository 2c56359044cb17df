import { pbkdf2 } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { userCredential } from '../../src/home/credentials.ts'
import { HubAlreadyRunning, startHub } from '../../src/hub/index.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { untilPasses } from '../until.ts'
import { type Answer, Door } from './door.ts'
import { buildHubProgram, type HubProgram, startHubProcess } from './hub-process.ts'
import { codeOf, startTestHub, tempHome, testConfig } from './test-hub.ts'

const openStore = async () => createMemoryStore()

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('a hub in this process', () => {
  it('answers on its socket and on loopback, and leaves neither behind', async () => {
    await using bus = await startTestHub()
    for (const door of [bus.socket, bus.loopback]) {
      expect((await door.ask('/healthz')).json).toMatchObject({ ok: true, name: 'switchboard' })
    }
    expect(JSON.parse(await readFile(bus.paths.hubFile, 'utf8'))).toEqual({
      pid: process.pid,
      version: bus.hub.version,
      url: bus.hub.url,
      socket: bus.hub.socket,
      started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    await bus.hub.close()
    await bus.hub.closed
    expect(existsSync(bus.paths.socket)).toBe(false)
    expect(existsSync(bus.paths.hubFile)).toBe(false)
    await expect(bus.loopback.ask('/healthz')).rejects.toThrow()
  })

  it('refuses a second one on the same home, and goes on unharmed', async () => {
    await using bus = await startTestHub()
    await expect(startHub({ paths: bus.paths, config: await testConfig(bus.paths), openStore })).rejects.toThrow(
      HubAlreadyRunning,
    )
    expect((await bus.call('publish', { text: 'still here' })).event_id).toBe(1)
    expect(existsSync(bus.paths.hubFile)).toBe(true)
  })

  it('takes any free port where the wished one is taken', async () => {
    await using home = await tempHome()
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const config = { ...(await testConfig(home.paths)), hub: { port } }
    const hub = await startHub({ paths: home.paths, config, openStore })
    expect(Number(new URL(hub.url).port)).not.toBe(port)
    await hub.close()
    other.close()
  })

  it('says on request what it is and how much it keeps', async () => {
    await using bus = await startTestHub()
    await bus.call('publish', { text: 'one' })
    const answer = await bus.socket.ask('/v1/hub', { credential: bus.user })
    expect(answer.json).toMatchObject({
      pid: process.pid,
      url: bus.hub.url,
      socket: bus.hub.socket,
      store: { kind: 'memory', events: 1, sessions: 0 },
      streams: 0,
    })
  })

  describe('that still starts', () => {
    /** Asks until somebody listens, with every file operation slowed down so that this is long before the start is over. */
    async function askedEarly(path: string, method: string) {
      const home = await tempHome()
      const user = await userCredential(home.paths)
      const door = new Door({ socketPath: home.paths.socket })
      let isStarting = true
      const busy = async () => {
        while (isStarting) await promisify(pbkdf2)('', '', 20_000, 32, 'sha256')
      }
      const pool = Array.from({ length: 8 }, busy)
      const starting = startHub({ paths: home.paths, config: await testConfig(home.paths), openStore }).finally(() => {
        isStarting = false
      })
      let wasStarting = false
      const asked = async (): Promise<Answer> => {
        wasStarting = isStarting
        return await door.ask(path, { method, credential: user }).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') throw error
          await nextTurn()
          return await asked()
        })
      }
      const answer = await asked()
      expect(wasStarting).toBe(true)
      const hub = await starting
      await Promise.all(pool)
      return {
        answer,
        hub,
        async [Symbol.asyncDispose]() {
          await hub.close()
          door.close()
          await home[Symbol.asyncDispose]()
        },
      }
    }

    it('answers when it is ready', async () => {
      await using early = await askedEarly('/v1/hub', 'GET')
      expect(early.answer).toMatchObject({ status: 200, json: { url: early.hub.url } })
    })

    it('can be stopped at once, and leaves nothing behind', async () => {
      await using early = await askedEarly('/v1/hub/stop', 'POST')
      expect(early.answer.status).toBe(200)
      await early.hub.closed
      expect(existsSync(early.hub.socket)).toBe(false)
      await expect(new Door({ port: Number(new URL(early.hub.url).port) }).ask('/healthz')).rejects.toThrow()
    })
  })

  it('stops on request, after the answer', async () => {
    await using bus = await startTestHub()
    const answer = await bus.socket.ask('/v1/hub/stop', { method: 'POST', credential: bus.user })
    expect(answer).toMatchObject({ status: 200, json: { stopping: true } })
    await bus.hub.closed
    expect(existsSync(bus.paths.socket)).toBe(false)
  })

  it('lets running requests finish, and tells those that wait that it goes', async () => {
    await using bus = await startTestHub()
    const { credential } = await bus.register('alice')
    const waiting = bus.socket.call('inbox', { wait_seconds: 60 }, credential)
    const publishing = Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => bus.call('publish', { text: `${i}`, to: 'operator' })),
    )
    await bus.socket.ask('/healthz')
    await bus.hub.close()
    expect(codeOf(await waiting)).toBe('hub_unavailable')
    const done = (await publishing).filter(each => each.status === 'fulfilled').map(each => each.value.event_id)
    expect(new Set(done).size).toBe(done.length)
  })

  it('stops, though a reader does not read what it would still be told', async () => {
    await using bus = await startTestHub()
    const reader = createConnection(bus.hub.socket).pause()
    reader.write(`GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${bus.user}\r\n\r\n`)
    const hub = () => bus.socket.ask('/v1/hub', { credential: bus.user })
    await untilPasses(async () => expect((await hub()).json).toMatchObject({ streams: 1 }))
    for (let i = 0; i < 20; i++) await bus.call('publish', { text: 'x'.repeat(60_000) })
    await bus.hub.close()
    reader.destroy()
  })

  it('ends by itself when its store has failed, and says why', async () => {
    const failure = Object.assign(new Error('disk I/O error'), { errcode: 10 })
    let isBroken = false
    await using bus = await startTestHub({
      async openStore() {
        const store = createMemoryStore()
        const commit = store.commit.bind(store)
        store.commit = (async (...commands: Parameters<typeof commit>) => {
          if (isBroken) throw new BusError('store_unavailable', 'the store cannot be written', { cause: failure })
          return await commit(...commands)
        }) as typeof store.commit
        return store
      },
    })
    isBroken = true
    await expect(bus.call('publish', { text: 'lost' })).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(bus.hub.closed).rejects.toThrow('the store cannot be written')
    expect(existsSync(bus.paths.socket)).toBe(false)
  })

  it('gives everything back where it cannot start', async () => {
    await using home = await tempHome()
    const config = await testConfig(home.paths)
    const failing = async () => {
      throw new Error('no store today')
    }
    await expect(startHub({ paths: home.paths, config, openStore: failing })).rejects.toThrow('no store today')
    const hub = await startHub({ paths: home.paths, config, openStore })
    await hub.close()
  })
})

describe('a hub as a process', () => {
  let program: HubProgram

  beforeAll(async () => {
    program = await buildHubProgram()
  })

  afterAll(async () => {
    await program[Symbol.asyncDispose]()
  })

  it.each([0o000, 0o022, 0o077])('makes files and socket for its owner alone under umask %o', async umask => {
    await using home = await tempHome()
    await using hub = startHubProcess(program, home.folder, { umask })
    expect(await hub.isServing).toBe(true)
    const { paths } = home
    expect(await modeOf(paths.data)).toBe('700')
    const files = [paths.socket, paths.storeFile, paths.hubFile, paths.lockFile, paths.credentialFile]
    for (const file of [...files, `${paths.storeFile}-wal`, `${paths.storeFile}-shm`]) {
      expect([file, await modeOf(file)]).toEqual([file, '600'])
    }
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops cleanly on %s', async signal => {
    await using home = await tempHome()
    await using hub = startHubProcess(program, home.folder)
    expect(await hub.isServing).toBe(true)
    hub.child.kill(signal)
    expect(await hub.exit).toEqual({ code: 0, signal: null })
    expect(existsSync(home.paths.socket)).toBe(false)
    expect(existsSync(home.paths.hubFile)).toBe(false)
  })

  it('leaves, where another serves the home, with its own exit code', async () => {
    await using home = await tempHome()
    await using first = startHubProcess(program, home.folder)
    expect(await first.isServing).toBe(true)
    await using second = startHubProcess(program, home.folder)
    expect(await second.exit).toEqual({ code: 3, signal: null })
    const door = new Door({ socketPath: home.paths.socket })
    expect((await door.ask('/healthz')).status).toBe(200)
    door.close()
  })

  it('leaves a home behind a kill -9 in which the next one starts at once, with what was acknowledged', async () => {
    await using home = await tempHome()
    const door = new Door({ socketPath: home.paths.socket })
    for (let round = 1; round <= 3; round++) {
      await using hub = startHubProcess(program, home.folder)
      expect(await hub.isServing).toBe(true)
      const credential = await userCredential(home.paths)
      expect((await door.call('publish', { text: `round ${round}` }, credential)).json).toMatchObject({
        event_id: round,
      })
      hub.child.kill('SIGKILL')
      await hub.exit
      expect(existsSync(home.paths.socket)).toBe(true)
    }
    door.close()
  })

  it('is started by eight at once exactly once', async () => {
    await using home = await tempHome()
    const hubs = Array.from({ length: 8 }, () => startHubProcess(program, home.folder))
    try {
      const serving = await Promise.all(hubs.map(hub => hub.isServing))
      expect(serving.filter(Boolean)).toHaveLength(1)
      const losers = hubs.filter((_, i) => !serving[i])
      expect(await Promise.all(losers.map(async hub => (await hub.exit).code))).toEqual(Array(7).fill(3))
      const { pid } = JSON.parse(await readFile(home.paths.hubFile, 'utf8'))
      expect(pid).toBe(hubs[serving.indexOf(true)]!.child.pid)
    } finally {
      for (const hub of hubs) await hub[Symbol.asyncDispose]()
    }
  })

  it('says nothing of texts or credentials in its log', async () => {
    await using home = await tempHome()
    await using hub = startHubProcess(program, home.folder, { env: { SWITCHBOARD_LOG_LEVEL: 'trace' } })
    expect(await hub.isServing).toBe(true)
    const credential = await userCredential(home.paths)
    const door = new Door({ socketPath: home.paths.socket })
    await door.call(
      'publish',
      { text: 'canary-text', title: 'canary-title', data: { canary: 'canary-data' } },
      credential,
    )
    await door.call('publish', { text: 'canary-text', to: 'canary-nobody' }, credential)
    await door.call('publish', { canary: 'canary-field' }, `swb_token_canary`)
    await door.ask('/v1/hub/stop', { method: 'POST', credential })
    door.close()
    await hub.exit
    const log = JSON.stringify(hub.lines)
    expect(log).toContain('stopped')
    expect(log).not.toContain('canary')
    expect(log).not.toContain(credential)
  })

  it('refuses a malformed configuration with its place', async () => {
    await using home = await tempHome()
    await writeFile(join(home.folder, 'config.toml'), '[hub\n')
    await using hub = startHubProcess(program, home.folder)
    expect(await hub.exit).toEqual({ code: 2, signal: null })
    expect(hub.lines.at(-1)!.msg).toContain('config.toml')
  })
})
