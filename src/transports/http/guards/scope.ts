import { BusError } from '../../../bus/errors.ts'
import { say } from '../../../bus/say.ts'
import type { Exchange } from '../exchange.ts'

/**
 * Denies what the credential does not allow, on routes that are not operations (those are judged in `invoke`, the same
 * for every door), and sessions that have ended: their credential is good for `register` alone.
 */
export function allowedScope({ hub, route, caller }: Exchange): Promise<void> | void {
  if (caller === undefined) throw new BusError('unauthenticated', 'expected a credential, got none')
  if (route === undefined || route.scope === 'operation') return
  if (route.scope === 'open' || !caller.scopes.has(route.scope)) {
    throw new BusError(
      'forbidden',
      say`${route.path} needs the scope ${route.scope}; this credential has ${caller.scopes.size === 0 ? 'none' : [...caller.scopes]}`,
    )
  }
  return hub.requireAlive(caller)
}
