import { BusError } from '../../../bus/errors.ts'
import { say } from '../../../bus/say.ts'
import { type Exchange, headerValues, type Listener } from '../exchange.ts'

/**
 * Denies requests that were meant for another name than this hub's: a web page whose own name was made to point to
 * 127.0.0.1 (DNS rebinding) sends that name. One Host header, spelled exactly; no absolute-form target, whose host would
 * count instead of the header's.
 */
export function knownHost({ incoming, listener }: Exchange): void {
  const hosts = headerValues(incoming, 'host')
  const isPlainTarget = incoming.url?.startsWith('/') === true && !incoming.url.startsWith('//')
  if (hosts.length === 1 && isPlainTarget && hostNames(listener).includes(hosts[0]!.toLowerCase())) return
  throw new BusError('forbidden', say`expected one Host header naming this hub (${hostNames(listener)})`, {
    next: 'Use the url or socket that `switchboard status` shows.',
  })
}

function hostNames(listener: Listener): readonly string[] {
  if (listener.kind === 'socket') return ['localhost']
  return [`127.0.0.1:${listener.port}`, `localhost:${listener.port}`, `[::1]:${listener.port}`]
}
