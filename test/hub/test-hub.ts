import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../src/bus/store.ts'
import type { MachineClock } from '../../src/bus/store-clock.ts'
import { type Config, loadConfig } from '../../src/home/config.ts'
import { userCredential } from '../../src/home/credentials.ts'
import { type HomePaths, homePaths } from '../../src/home/paths.ts'
import { type RunningHub, startHub } from '../../src/hub/index.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { type Answer, Door, type Where } from './door.ts'
import { type EventStream, openEventStream } from './event-stream.ts'

export interface TempHome extends AsyncDisposable {
  readonly folder: string
  readonly paths: HomePaths
}

export async function tempHome(): Promise<TempHome> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-hub-'))
  return {
    folder,
    paths: homePaths({ SWITCHBOARD_HOME: folder }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The defaults, on any free port. */
export function testConfig(paths: HomePaths): Promise<Config> {
  return loadConfig(paths.configFile, { SWITCHBOARD_PORT: '0' })
}

/** A hub in this process with a home of its own, and short words to speak to it over its socket. */
export interface TestHub extends AsyncDisposable {
  readonly hub: RunningHub
  readonly store: Store
  readonly paths: HomePaths
  /** The user's own credential. */
  readonly user: string
  /** The unix socket. */
  readonly socket: Door
  readonly loopback: Door
  /** Calls an operation and returns its output; throws the registry's error. */
  call(operation: string, input?: object, credential?: string): Promise<any>
  /** Registers a session and returns its credential and id. */
  register(name: string, fields?: object, credential?: string): Promise<{ credential: string; session_id: string }>
  stream(query?: string, options?: { credential?: string; lastEventId?: number; where?: Where }): Promise<EventStream>
}

export async function startTestHub(
  options: {
    store?: 'memory' | 'sqlite'
    openStore?: (paths: HomePaths) => Promise<Store>
    clock?: MachineClock
    /** One that is kept when the hub is closed. */
    home?: TempHome
  } = {},
): Promise<TestHub> {
  const home = options.home ?? (await tempHome())
  const { paths } = home
  let store: Store | undefined
  const hub = await startHub({
    paths,
    config: { hub: { port: 0 }, retention: {}, claims: { onEdit: 'ask', repos: {} } },
    ...(options.clock && { clock: options.clock }),
    openStore: async () => {
      store = await (options.openStore?.(paths) ??
        (options.store === 'sqlite' ? openSqliteStore({ path: paths.storeFile }) : createMemoryStore()))
      return store
    },
  })
  const user = await userCredential(paths)
  const port = Number(new URL(hub.url).port)
  const socket = new Door({ socketPath: hub.socket })
  const loopback = new Door({ port })
  const streams: EventStream[] = []
  const call: TestHub['call'] = async (operation, input = {}, credential = user) => {
    const answer = await socket.call(operation, input, credential)
    if (answer.status === 200) return answer.json
    throw Object.assign(new Error(answer.text), { code: codeOf(answer) })
  }
  return {
    hub,
    store: store!,
    paths,
    user,
    socket,
    loopback,
    call,
    register: (name, fields = {}, credential = user) => call('register', { name, ...fields }, credential),
    async stream(query = '', { credential = user, lastEventId, where = socket.where } = {}) {
      const stream = await openEventStream(where, query, credential, lastEventId)
      streams.push(stream)
      return stream
    },
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.close()
      await hub.close()
      socket.close()
      loopback.close()
      if (options.home === undefined) await home[Symbol.asyncDispose]()
    },
  }
}

export function codeOf(answer: Answer): string | undefined {
  return (answer.json as { error?: { code?: string } } | undefined)?.error?.code
}
