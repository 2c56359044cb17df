import { isUtf8 } from 'node:buffer'

const LINE_END = 0x0a

/**
 * Cuts a byte stream into lines of bounded length. A line that is too long is reported once and passed over up to its
 * end, and one that is no UTF-8 as a whole: decoded, it would say something that nobody wrote. The stream goes on. Its last
 * line may have no end of line: `end` takes that one.
 */
export function createLineCutter(options: {
  maxBytes: number
  onLine: (line: string) => void
  onBroken: () => void
  onTooLong: () => void
}): { add: (chunk: Buffer) => void; end: () => void } {
  let parts: Buffer[] = []
  let bytes = 0
  let isPassingOver = false

  function addToLine(piece: Buffer): void {
    if (isPassingOver) return
    bytes += piece.byteLength
    if (bytes <= options.maxBytes) {
      parts.push(piece)
      return
    }
    isPassingOver = true
    parts = []
    options.onTooLong()
  }

  function endLine(): void {
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    const isComplete = !isPassingOver
    parts = []
    bytes = 0
    isPassingOver = false
    if (!isComplete) return
    if (!isUtf8(line)) options.onBroken()
    else options.onLine(line.toString('utf8').replace(/\r$/, ''))
  }

  function add(chunk: Buffer): void {
    let from = 0
    for (;;) {
      const at = chunk.indexOf(LINE_END, from)
      if (at < 0) break
      addToLine(chunk.subarray(from, at))
      endLine()
      from = at + 1
    }
    if (from < chunk.length) addToLine(chunk.subarray(from))
  }

  return { add, end: endLine }
}
