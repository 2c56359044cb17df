import { BusError } from '../../../bus/errors.ts'
import { type Said, say } from '../../../bus/say.ts'
import { type Exchange, headerValues } from '../exchange.ts'

/** Longer than any credential of ours, and short enough to hash without a thought. */
const BEARER = /^Bearer +([A-Za-z0-9_-]{1,200})$/i

/**
 * Denies a request with no credential, more than one, or one that is unknown or revoked. It is read from the
 * Authorization header alone: a query stands in logs and histories, and a cookie comes along unasked.
 */
export async function knownCaller(exchange: Exchange): Promise<void> {
  const values = headerValues(exchange.incoming, 'authorization')
  if (values.length === 0) throw denied(say('expected `Authorization: Bearer <credential>`, got none'))
  const credential = values.length === 1 ? BEARER.exec(values[0]!)?.[1] : undefined
  if (credential === undefined) throw denied(say('expected one header `Authorization: Bearer <credential>`'))
  exchange.caller = await exchange.hub.callerOf(credential)
  if (exchange.caller === undefined) throw denied(say('this credential is unknown or revoked'))
}

function denied(message: Said): BusError {
  return new BusError('unauthenticated', message, {
    next: 'Use a credential of the user (its file), of a session (from `register`), or a token.',
  })
}
