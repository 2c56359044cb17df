import type { Socket } from 'node:net'
import { BusError } from '../bus/errors.ts'
import { quoted, say } from '../bus/say.ts'
import type { HomePaths } from '../home/paths.ts'
import { connectPrivately, hubSocket } from '../home/sockets.ts'

/** Where a hub is reached, in the words of `node:http`. */
export interface Target {
  readonly url: string
  readonly isSecure: boolean
  readonly options: { readonly host?: string; readonly port?: number }
  /** Opens a connection, where that is not for `node:http` to do. Throws where it must not be used. */
  readonly dial?: () => Socket
  /** Put before every path, for a hub behind a reverse proxy. */
  readonly prefix: string
  readonly hostHeader: string
}

/** The hub of this home, wherever it listens by the time of each connection. */
export function ownTarget(paths: HomePaths): Target {
  return { ...socketTarget(`unix:${paths.socket}`), dial: () => connectPrivately(hubSocket(paths)) }
}

/** `unix:/path/to/hub.sock`, `http://host:port` or `https://host/prefix`. */
export function parseTarget(url: string): Target {
  if (url.startsWith('unix:')) {
    const socketPath = url.slice('unix:'.length).replace(/^\/\/(?=\/)/, '')
    if (socketPath === '') throw unusable(url)
    return { ...socketTarget(url), dial: () => connectPrivately(socketPath) }
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) throw unusable(url)
  const isSecure = parsed.protocol === 'https:'
  return {
    url,
    isSecure,
    options: {
      host: parsed.hostname.replace(/^\[|\]$/g, ''),
      port: parsed.port === '' ? (isSecure ? 443 : 80) : Number(parsed.port),
    },
    prefix: parsed.pathname.replace(/(?<!\/)\/+$/, ''),
    hostHeader: parsed.host,
  }
}

/** The hub's guard checks Host on every route; over a socket there is no name, so it gets the one that is always good. */
function socketTarget(url: string): Omit<Target, 'dial'> {
  return { url, isSecure: false, options: {}, prefix: '', hostHeader: 'localhost' }
}

function unusable(url: string): BusError {
  return new BusError('invalid_input', say`expected unix:/path, http://host:port or https://host, got ${quoted(url)}`, {
    next: 'Mend the address (--url or SWITCHBOARD_URL), or leave it out to use the hub of this machine.',
  })
}
