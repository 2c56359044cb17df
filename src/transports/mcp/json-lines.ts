import { StringDecoder } from 'node:string_decoder'

/**
 * Cuts a byte stream into lines of bounded length. A line that is too long is reported once and passed over up to its
 * end; the stream goes on after it.
 */
export function createLineCutter(options: {
  maxChars: number
  onLine: (line: string) => void
  onTooLong: () => void
}): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let chars = 0
  let isPassingOver = false

  function add(piece: string): void {
    if (isPassingOver) return
    chars += piece.length
    if (chars <= options.maxChars) {
      parts.push(piece)
      return
    }
    isPassingOver = true
    parts = []
    options.onTooLong()
  }

  function end(): void {
    const line = parts.join('')
    const isComplete = !isPassingOver
    parts = []
    chars = 0
    isPassingOver = false
    if (isComplete) options.onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }

  return chunk => {
    const pieces = decoder.write(chunk).split('\n')
    const last = pieces.pop() ?? ''
    for (const piece of pieces) {
      add(piece)
      end()
    }
    if (last !== '') add(last)
  }
}
