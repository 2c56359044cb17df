import { BusError } from '../../../bus/errors.ts'
import { joined, say } from '../../../bus/say.ts'
import type { Exchange } from '../exchange.ts'

/** Denies HEAD where Hono would answer it by GET: a stream must not be opened by somebody who will not read it. */
export function exactMethod({ incoming, route }: Exchange): void {
  if (route === undefined || route.methods.some(method => method === incoming.method)) return
  throw new BusError(
    'invalid_input',
    say`expected ${joined(' or ', route.methods)} ${route.path}, got ${incoming.method ?? 'none'}`,
  )
}
