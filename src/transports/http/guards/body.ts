import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { BusError } from '../../../bus/errors.ts'
import { LIMITS } from '../../../bus/limits.ts'
import { say } from '../../../bus/say.ts'

/**
 * Denies bodies over the limit, by their announced length before a byte is read, and by their real length where none
 * is announced (chunked). Reads from Node's request directly: one copy, and none where the body is one packet.
 */
export function limitedBody(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > LIMITS.bodyBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const onGone = () => reject(new BusError('invalid_input', 'the body ended before its end'))
    incoming
      .on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength
        if (bytes <= LIMITS.bodyBytes) chunks.push(chunk)
        else reject(tooLarge())
      })
      .on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
      .on('error', onGone)
      .on('close', () => {
        if (!incoming.complete) onGone()
      })
  })
}

function tooLarge(): BusError {
  return new BusError('too_large', say`expected a body of at most ${LIMITS.bodyBytes} bytes`)
}

/** Denies bytes that are not text: replaced characters would be kept as if they had been meant. */
export function utf8(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8')
  throw new BusError('invalid_input', 'expected the body in UTF-8')
}
