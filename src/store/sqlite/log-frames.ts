import { readFileSync } from 'node:fs'

/*
 * The log as SQLite has written it (https://sqlite.org/walformat.html): a header, then frames of a header and a page, each
 * with a sum over all before it. Where a sum is wrong SQLite stops reading, which is right for the last frame of a process
 * that was killed while it wrote; what is damaged before takes everything behind it along.
 */

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** Of the header, and of each frame before its page. */
const SUMMED_BYTES = { header: 24, frame: 8 }
const BIG_ENDIAN_BIT = 1

type Sum = readonly [number, number]

/** Whether frames of this log lie behind one that SQLite cannot read. */
export function isLogDamaged(path: string): boolean {
  const log = readFileSync(path)
  if (log.length < HEADER_BYTES) return false
  const isBigEndian = (log.readUInt32BE(0) & BIG_ENDIAN_BIT) === 1
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8)
  const salts = log.subarray(16, 24)
  let sum = summed(log.subarray(0, SUMMED_BYTES.header), [0, 0], isBigEndian)
  let isBroken = !isAt(log, 24, sum)
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    // Behind its end lie frames of earlier logs.
    const isOwn = log.subarray(at + 8, at + 16).equals(salts)
    if (isOwn && isBroken) return true
    isBroken ||= !isOwn
    if (isBroken) continue
    sum = summed(log.subarray(at, at + SUMMED_BYTES.frame), sum, isBigEndian)
    sum = summed(log.subarray(at + FRAME_HEADER_BYTES, at + frameBytes), sum, isBigEndian)
    isBroken = !isAt(log, at + 16, sum)
  }
  return false
}

function isAt(log: Buffer, at: number, [first, second]: Sum): boolean {
  return log.readUInt32BE(at) === first && log.readUInt32BE(at + 4) === second
}

function summed(bytes: Buffer, [first, second]: Sum, isBigEndian: boolean): Sum {
  let [a, b] = [first, second]
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0
    b = (b + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0
  }
  return [a, b]
}
