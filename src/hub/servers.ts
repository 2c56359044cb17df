import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import type { Config } from '../home/config.ts'
import { type KnownFile, knownFile } from '../home/known-file.ts'
import type { HomePaths } from '../home/paths.ts'
import { closeListening, HUB_SOCKET, listenInHome } from '../home/sockets.ts'
import type { createApp } from '../transports/http/app.ts'
import { createHttpServer } from '../transports/http/server.ts'

export interface Servers {
  readonly url: string
  readonly socket: KnownFile
  /** The configured port, where another program holds it and any free one had to serve. */
  readonly takenPort: number | undefined
  /** From now on requests are answered; until then they wait. */
  open(): void
  /** Takes no more connections, lets what runs finish, and resolves when the last connection is closed. */
  close(finish: () => Promise<void>): Promise<void>
}

/** How long an answer that is already written may take to leave. */
const FAREWELL_MS = 1_000
const BACKLOG = 1_024

/** The same app on a unix socket, for its owner alone, and on loopback. Only the lock's holder may call this. */
export async function listen(
  app: ReturnType<typeof createApp>,
  paths: HomePaths,
  { port, isPortFixed = false }: Config['hub'],
): Promise<Servers> {
  let open = (): void => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const local = createHttpServer(app, () => ({ kind: 'socket' }), opened)
  let boundPort = 0
  let bound: KnownFile | undefined
  const loopback = createHttpServer(app, () => ({ kind: 'loopback', port: boundPort }), opened)
  const close = async (finish: () => Promise<void>) => {
    const finished = finish()
    const endLocal = (onClosed: () => void) =>
      bound === undefined ? local.close(onClosed) : closeListening(local, bound, onClosed)
    const endLoopback = (onClosed: () => void) => loopback.close(onClosed)
    await Promise.all([closed(local, endLocal, finished), closed(loopback, endLoopback, finished)])
  }
  try {
    // Removes the socket of a hub that was killed: this hub holds the lock, so no other listens there.
    bound = knownFile(await listenInHome(local, paths, HUB_SOCKET, { backlog: BACKLOG }))
    boundPort = await listenOnLoopback(loopback, port, isPortFixed)
  } catch (error) {
    await close(async () => undefined)
    throw error
  }
  const takenPort = port === 0 || port === boundPort ? undefined : port
  return { url: `http://127.0.0.1:${boundPort}`, socket: bound, takenPort, open, close }
}

/** The wished port. Where it is taken, by another home's hub say, any free one, unless the wished port is fixed. */
async function listenOnLoopback(server: Server, port: number, isFixed: boolean): Promise<number> {
  try {
    await listening(server, port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    if (isFixed) throw portTaken(port, code)
    await listening(server, 0)
  }
  return (server.address() as AddressInfo).port
}

function portTaken(port: number, code: 'EADDRINUSE' | 'EACCES'): BusError {
  const why = say(code === 'EACCES' ? 'the system does not give it' : 'another program holds it')
  return new BusError('hub_unavailable', say`expected port ${port} of 127.0.0.1 to be free: ${why}`, {
    next: 'Choose another with --port, or say --any-port to take any that is free.',
  })
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closed(server: Server, end: (onClosed: () => void) => void, finished: Promise<void>): Promise<void> {
  if (!server.listening) return
  const done = new Promise<void>(resolve => end(resolve))
  await finished
  // Answers that were made in this turn are written in the next.
  await nextTurn()
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), FAREWELL_MS)
  await done
  clearTimeout(late)
}
