import { crc32 } from 'node:zlib'
import type { Held } from './driver.ts'

/** No row has it. */
export const NO_SUM = -1

/** CRC-32 of some columns: against accidents, not against somebody who means it. `NO_SUM` where one was never written so. */
export function sumOf(values: readonly Held[]): number {
  let text = ''
  for (const value of values) {
    if (typeof value === 'bigint' ? !isExact(value) : value instanceof Uint8Array) return NO_SUM
    text += `${value === null ? '\0' : value}\x1f`
  }
  return crc32(text)
}

function isExact(value: bigint): boolean {
  return Number.MIN_SAFE_INTEGER <= value && value <= Number.MAX_SAFE_INTEGER
}
