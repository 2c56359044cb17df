import type { Exchange } from '../exchange.ts'

/** Denies a caller that has as many calls or streams open as it may. This one is open until its answer has left, or its caller. */
export function freePlace({ hub, route, caller, incoming, outgoing }: Exchange): void {
  if (caller === undefined) return
  const isStream = route?.opensStream === true && incoming.method === 'GET'
  const free = hub.takePlace(caller, isStream ? 'streams' : 'callsAtOnce')
  outgoing.once('close', free)
  if (outgoing.destroyed) free()
}
