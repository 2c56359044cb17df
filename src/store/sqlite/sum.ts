import { crc32 } from 'node:zlib'
import type { Value } from './driver.ts'

/** CRC-32 of some columns: against accidents, not against somebody who means it. */
export function sumOf(values: readonly Value[]): number {
  let text = ''
  for (const value of values) text += `${value === null ? '\0' : value}\x1f`
  return crc32(text)
}
