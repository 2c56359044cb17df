import { writeSync } from 'node:fs'

let isCut = false

/**
 * Writes a line, with its end, to stderr: at once, because the last before an end counts. A full disk, a reader that went
 * away or one that reads too slowly cost lines and never the process, so this does not throw. What comes after a line that
 * was cut begins anew.
 */
export function writeStderrLine(line: string): void {
  let bytes = Buffer.from(isCut ? `\n${line}` : line)
  try {
    while (bytes.length > 0) {
      const written = writeSync(2, bytes)
      isCut = bytes.length > written
      bytes = bytes.subarray(written)
    }
  } catch {
    // There is nowhere to say it.
  }
}
