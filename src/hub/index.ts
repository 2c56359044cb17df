import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import { plainName } from '../bus/session-name.ts'
import type { Store } from '../bus/store.ts'
import type { MachineClock } from '../bus/store-clock.ts'
import type { Config } from '../home/config.ts'
import { userCredential } from '../home/credentials.ts'
import { announce, withdraw, withdrawOwn } from '../home/hub-file.ts'
import { knownFile, statsOf, whyGone } from '../home/known-file.ts'
import { machineName } from '../home/machine.ts'
import { closeOwnFile } from '../home/ownership.ts'
import type { HomePaths } from '../home/paths.ts'
import { privateFolder } from '../home/private-files.ts'
import type { Bus } from '../operations/bus.ts'
import { machineClock } from '../store/machine-clock.ts'
import { createApp } from '../transports/http/app.ts'
import { VERSION } from '../version.ts'
import { clockAheadMs, watchClock } from './clock-watch.ts'
import { startClocks } from './clocks.ts'
import { Closers } from './closers.ts'
import { createCredentials } from './credentials.ts'
import { Engine } from './engine.ts'
import { isFatal } from './failure.ts'
import { storeFigures } from './figures.ts'
import { takeLock } from './lock.ts'
import { faultOf, type Logger, silentLog } from './log.ts'
import { openMcp } from './mcp.ts'
import { ensureOperator } from './operator.ts'
import { listen } from './servers.ts'
import { livingSession } from './streams.ts'

export { HubAlreadyRunning } from './lock.ts'

export interface HubOptions {
  readonly paths: HomePaths
  readonly config: Config
  /** Default: the SQLite store of this home. */
  readonly openStore?: () => Promise<Store>
  readonly log?: Logger
  readonly clock?: MachineClock
}

export interface RunningHub {
  readonly url: string
  readonly socket: string
  readonly version: string
  readonly bus: Bus
  readonly app: ReturnType<typeof createApp>
  /** Finishes what runs, ends the streams, writes down what is known, gives everything back. */
  close(): Promise<void>
  /** Resolves after a clean stop; rejects with the reason when the store failed and the hub had to end. */
  readonly closed: Promise<void>
}

const TAKEN_PORT =
  'another program holds the configured port: a client with its URL would give that program its credential'

/** Requests may run on this long into a stop. */
const MAX_FINISH_MS = 5_000

/**
 * Starts the hub of a home. The lock comes first: only its holder touches store and socket. Throws `HubAlreadyRunning`
 * where another hub holds it; that one is left unharmed.
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { paths, config, log = silentLog, clock = machineClock } = options
  const closers = new Closers()
  let failure: unknown
  let closing: Promise<void> | undefined
  let settle = (): void => undefined
  const closed = new Promise<void>((resolve, reject) => {
    settle = () => (failure === undefined ? resolve() : reject(failure))
  })
  // A caller that does not await it must not be ended by an unhandled rejection.
  closed.catch(() => undefined)

  const close = (): Promise<void> => {
    closing ??= closers
      .close()
      .catch((error: unknown) => {
        // What a failed store cannot write down any more is no second failure.
        if (failure !== undefined) return
        failure = error
        throw error
      })
      .finally(() => {
        log.info('stopped')
        settle()
      })
    return closing
  }
  const end = (reason: unknown): void => {
    if (closing !== undefined) return
    failure = reason
    log.fatal(faultOf(reason), 'the hub ends, the next client starts another')
    close().catch(() => undefined)
  }
  const onFault = (error: unknown): void => {
    if (closing !== undefined) return
    if (isFatal(error)) end(error)
    else log.error(faultOf(error), 'fault')
  }

  try {
    for (const folder of new Set([paths.data, paths.config, paths.state])) await privateFolder(folder)
    for (const file of [paths.lockFile, ...storeFiles(paths)]) closeOwnFile(file)
    closers.add(await takeLock(paths.lockFile))
    const lock = knownFile(paths.lockFile)
    // A hub that was killed has left it: nobody is to look for us where that one was.
    await withdraw(paths)
    const store = await (options.openStore?.() ?? openDefaultStore(paths, clock, log))
    closers.add(() => store.close())
    const machine = plainName(await machineName(paths)) || 'localhost'
    await ensureOperator(store, machine)
    const credentials = await createCredentials(store, await userCredential(paths))

    const engine = new Engine({
      store,
      credentials,
      machine,
      version: VERSION,
      steadyMs: () => clock.steady(),
      onClaimedEdit: area => options.config.claims.repos[area] ?? options.config.claims.onEdit,
      onFault,
    })
    closers.add(() => engine.close())
    const mcp = openMcp(engine, credentials)
    const startedAt = new Date().toISOString()
    const app = createApp({
      version: VERSION,
      invoke: request => engine.invoke(request),
      callerOf: credentials.callerOf,
      async requireAlive(caller) {
        if (caller.kind !== 'token') await livingSession(store, caller)
      },
      takePlace: (caller, name) => engine.takePlace(caller, name),
      openStream: (caller, wanted, sink) => engine.streams.open(caller, wanted, sink),
      describe: async () => ({
        version: VERSION,
        pid: process.pid,
        started_at: startedAt,
        url: servers.url,
        socket: servers.socket.path,
        taken_port: servers.takenPort ?? null,
        store: { kind: store.kind, ...(await storeFigures(store)) },
        streams: engine.fanOut.size,
        clock_ahead_ms: await clockAheadMs(store, clock),
      }),
      checkStore: () => store.inspect(),
      stop: () => void close().catch(onFault),
      running: engine.running,
      metrics: engine.metrics,
      mcp,
      report: error => engine.report(error),
    })
    const servers = await listen(app, paths, config.hub)
    const { path: socket } = servers.socket
    closers.add(() =>
      servers.close(async () => {
        engine.fanOut.close()
        await mcp.close()
        await engine.running.finish(MAX_FINISH_MS)
      }),
    )
    const { url, takenPort } = servers
    if (takenPort !== undefined) log.warn({ port: takenPort, url }, TAKEN_PORT)
    // For people and programs that look there; on a full disk the hub serves without it.
    const announced = { pid: process.pid, version: VERSION, url, socket, started_at: startedAt }
    await announce(paths, announced).catch(error => log.error(faultOf(error), 'hub.json was not written'))
    closers.add(() => withdrawOwn(paths, announced))

    const clocks = new AbortController()
    const { presence } = engine
    const checkHome = async () => {
      for (const file of [lock, servers.socket]) {
        const why = whyGone(file, statsOf(file.path))
        if (why !== undefined)
          return end(new BusError('hub_unavailable', say`${file.path} was ${why} while the hub ran`))
      }
    }
    startClocks({
      store,
      presence,
      retention: config.retention,
      log,
      signal: clocks.signal,
      checkHome,
      checkClock: watchClock(store, clock, log),
      onFault,
    })
    closers.add(() => {
      clocks.abort()
      presence.beginClosing()
    })
    // Not before all of it can be closed again: the first request may be to stop.
    servers.open()
    log.info({ version: VERSION, pid: process.pid, store: store.kind, url }, 'started')
    return { url, socket, version: VERSION, bus: engine.bus, app, close, closed }
  } catch (error) {
    await closers.close()
    throw error
  }
}

function storeFiles({ storeFile }: HomePaths): string[] {
  return [storeFile, `${storeFile}-wal`, `${storeFile}-shm`]
}

async function openDefaultStore({ storeFile: path }: HomePaths, clock: MachineClock, log: Logger): Promise<Store> {
  const { openSqliteStore } = await import('../store/sqlite/index.ts')
  return await openSqliteStore({ path, clock, isAlone: true, onIncident: ({ text }) => log.error(text) })
}
