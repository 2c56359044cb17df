import { type StoredEvent, wireEvent } from '../../bus/event.ts'
import type { Encoder } from '../../delivery/encoder.ts'

/** Server-sent events. JSON holds no line breaks, so one `data:` line is always enough. */
export function sseEncoder(version: string): Encoder {
  return {
    ready: newest => bytes(`event: ready\ndata: ${JSON.stringify({ version, newest })}\n\n`),
    event: (event: StoredEvent) =>
      bytes(`id: ${event.id}\nevent: event\ndata: ${JSON.stringify(wireEvent(event))}\n\n`),
    reset: ({ oldest, newest }) => bytes(`event: reset\ndata: ${JSON.stringify({ oldest, newest })}\n\n`),
    keepAlive: bytes(': here\n\n'),
    farewell: bytes(': the hub stops\n\n'),
  }
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}
