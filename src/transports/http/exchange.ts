import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller, Scope } from '../../bus/access.ts'
import type { HubPort } from './hub-port.ts'

/** Which of the hub's two listeners a request came through, with the names under which it may be addressed. */
export type Listener =
  | { readonly kind: 'socket' }
  /** The port is known once it listens. */
  | { readonly kind: 'loopback'; readonly port: number }

/** One request on its way through the guards. */
export interface Exchange {
  readonly hub: HubPort
  readonly route: Route | undefined
  readonly request: Request
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly listener: Listener
  /** Set by the credential guard, and by nothing else. */
  caller: Caller | undefined
}

type Method = 'GET' | 'POST' | 'DELETE'

export type Route = {
  readonly methods: readonly Method[]
  readonly path: string
  /** Whether a GET of it is a stream, which is no call. */
  readonly opensStream?: boolean
} & (
  | {
      /** `operation`: each operation names its own scope, judged in `invoke`. */
      readonly scope: Scope | 'operation'
      handle(exchange: Exchange, caller: Caller): Response | Promise<Response>
    }
  | { readonly scope: 'open'; handle(exchange: Exchange): Response | Promise<Response> }
)

/** Denies by throwing a BusError; letting pass is silence. */
export type Guard = (exchange: Exchange) => void | Promise<void>

/** All values of a header as they came: Node joins or drops repeated ones, and a guard must see what it judges. */
export function headerValues(incoming: IncomingMessage, lowerName: string): string[] {
  const { rawHeaders } = incoming
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) values.push(rawHeaders[i + 1]!)
  }
  return values
}
