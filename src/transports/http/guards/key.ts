import type { IncomingMessage } from 'node:http'
import { isCallKey } from '../../../bus/call-key.ts'
import { BusError } from '../../../bus/errors.ts'
import { LIMITS } from '../../../bus/limits.ts'

/** Denies idempotency keys that are empty, too long or not printable: they are kept for a week. */
export function idempotencyKey(incoming: IncomingMessage): string | undefined {
  const key = incoming.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && isCallKey(key)) return key
  throw new BusError('invalid_input', `expected an Idempotency-Key of 1 to ${LIMITS.keyChars} printable characters`)
}
