import { BusError } from '../bus/errors.ts'

/** Where a hub is reached, in the words of `node:http`. */
export interface Target {
  readonly url: string
  readonly isSecure: boolean
  readonly options: { readonly socketPath?: string; readonly host?: string; readonly port?: number }
  /** Put before every path, for a hub behind a reverse proxy. */
  readonly prefix: string
  readonly hostHeader: string
}

/** `unix:/path/to/hub.sock`, `http://host:port` or `https://host/prefix`. */
export function parseTarget(url: string): Target {
  if (url.startsWith('unix:')) {
    const socketPath = url.slice('unix:'.length).replace(/^\/\/(?=\/)/, '')
    if (socketPath === '') throw unusable(url)
    // The hub's guard checks Host on every route; over a socket there is no name, so it gets the one that is always good.
    return { url, isSecure: false, options: { socketPath }, prefix: '', hostHeader: 'localhost' }
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
    prefix: parsed.pathname.replace(/\/+$/, ''),
    hostHeader: parsed.host,
  }
}

function unusable(url: string): BusError {
  return new BusError('invalid_input', `expected unix:/path, http://host:port or https://host, got \`${url}\``, {
    next: 'Mend SWITCHBOARD_URL, or unset it to use the hub of this machine.',
  })
}
