import { LIMITS } from './limits.ts'

/** Whether a text can be a call's idempotency key: printable, because it travels in a header, and kept for a week. */
export function isCallKey(key: string): boolean {
  return key.length <= LIMITS.keyChars && /^[\x21-\x7e]+$/.test(key)
}
