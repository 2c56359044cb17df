import { BusError } from '../../../bus/errors.ts'
import { type Exchange, headerValues } from '../exchange.ts'

/**
 * Denies what web pages of other sites send: a browser says in Origin whose page is asking, and `null` for pages that
 * hide it. Programs send none. Allowed is exactly the origin under which this hub was addressed.
 */
export function ownOrigin({ incoming }: Exchange): void {
  const origins = headerValues(incoming, 'origin')
  if (origins.length === 0) return
  const own = `http://${headerValues(incoming, 'host')[0]?.toLowerCase()}`
  if (origins.length === 1 && origins[0] === own) return
  throw new BusError(
    'forbidden',
    'expected no Origin header, or the own one of this hub: web pages of other sites are refused',
  )
}
