import { createServer, type Socket } from 'node:net'
import type { WakeRoute } from '../../bus/wake-routes.ts'
import { type KnownFile, knownFile } from '../../home/known-file.ts'
import type { HomePaths } from '../../home/paths.ts'
import { closeListening, listenInHome, wakeSocket } from '../../home/sockets.ts'
import type { Route } from './routes.ts'

const KINDS = ['monitor', 'rewake'] as const satisfies readonly WakeRoute[]
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

/** Whether `plugin/hooks/hooks.json` starts one for this session, where it needs one: only in a client with a screen. */
export function hasRewakeHook(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.CLAUDE_PLUGIN_ROOT) && env.CLAUDE_CODE_ENTRYPOINT === 'cli'
}

export async function listenForBells(options: {
  readonly paths: HomePaths
  readonly clientPid: number
  readonly permitted: readonly WakeRoute[]
  /** Whether the client runs a rewake hook for this session: it may not have come yet, or be between two. */
  readonly hasRewakeHook: boolean
  readonly onBell: () => void
  readonly log: (message: string) => void
}): Promise<Bells> {
  const held = new Map<Kind, Socket>()
  const seen = new Set<Kind>(options.hasRewakeHook ? ['rewake'] : [])
  let own: KnownFile | undefined

  const mayRing = (kind: Kind) => held.has(kind) && options.permitted.includes(kind)
  // A monitor stays also where it may not ring: the client tells the agent of one that ends.
  const isNeeded = (kind: Kind) =>
    !held.has(kind) && (kind === 'monitor' || (options.permitted.includes('rewake') && !mayRing('monitor')))

  const server = createServer(socket => {
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.once('data', text => {
      const kind = KINDS.find(each => each === String(text).trim())
      if (kind === undefined || !isNeeded(kind)) return socket.destroy()
      held.set(kind, socket)
      seen.add(kind)
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
      exists: () => seen.has(kind),
      isHere: () => held.has(kind),
      restMs: () => 0,
      ring: line =>
        new Promise((resolve, reject) => {
          const socket = held.get(kind)
          if (!socket) return resolve({ is: 'failed', why: 'it is gone' })
          socket.write(`${line}\n`, error => (error ? reject(error) : resolve({ is: 'sent' })))
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
