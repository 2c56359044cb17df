import { randomBytes } from 'node:crypto'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** `ses_` and 60 random bits: enough that two never meet, short enough to read out. */
export function newSessionId(): string {
  const letters = Array.from(randomBytes(12), byte => BASE32[byte & 31])
  return `ses_${letters.join('')}`
}
