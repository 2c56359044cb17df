import { createServer, type Socket } from 'node:net'
import { type KnownFile, knownFile } from '../../home/known-file.ts'
import type { HomePaths } from '../../home/paths.ts'
import { closeListening, listenInHome, wakeSocket } from '../../home/sockets.ts'
import type { Route } from './routes.ts'

const KINDS = ['monitor', 'rewake'] as const
type Kind = (typeof KINDS)[number]

/**
 * Helpers that the client runs beside the session can wake it: a plugin's monitor by a line that it prints, a rewake
 * hook by its exit. They hold a connection to a private socket for as long as they live, so that a route is known to be
 * there, and of several rewake hooks only one stays.
 */
export interface Bells {
  readonly routes: readonly Route[]
  close(): Promise<void>
}

export async function listenForBells(options: {
  readonly paths: HomePaths
  readonly clientPid: number
  readonly onBell: () => void
  readonly log: (message: string) => void
}): Promise<Bells> {
  const held = new Map<Kind, Socket>()
  let own: KnownFile | undefined

  const server = createServer(socket => {
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.once('data', text => {
      const kind = KINDS.find(each => each === String(text).trim())
      const isNeeded = kind !== undefined && !held.has(kind) && !(kind === 'rewake' && held.has('monitor'))
      if (!isNeeded) return socket.destroy()
      held.set(kind, socket)
      socket.once('close', () => {
        if (held.get(kind) === socket) held.delete(kind)
      })
      options.onBell()
    })
  })
  try {
    // What lies there was left by a client that had the same pid and was killed.
    own = knownFile(await listenInHome(server, options.paths, wakeSocket(options.clientPid)))
    server.unref()
  } catch (error) {
    options.log(`no bells: ${(error as Error).message}`)
  }

  const routes = KINDS.map(
    (kind): Route => ({
      name: kind,
      isHere: () => held.has(kind),
      restMs: () => 0,
      ring: line =>
        new Promise((resolve, reject) => {
          const socket = held.get(kind)
          if (!socket) return reject(new Error('it is gone'))
          socket.write(`${line}\n`, error => (error ? reject(error) : resolve()))
        }),
    }),
  )
  return {
    routes,
    async close() {
      for (const socket of held.values()) socket.destroy()
      if (own !== undefined) closeListening(server, own)
    },
  }
}
