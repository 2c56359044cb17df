import { defined } from '../../bus/defined.ts'
import { type StoredEvent, wireEvent } from '../../bus/event.ts'
import type { Encoder, ShownChange, ShownReceipt } from '../../delivery/encoder.ts'

/** Server-sent events. JSON holds no line breaks, so one `data:` line is always enough. */
export function sseEncoder(version: string): Encoder {
  return {
    ready: newest => bytes(`event: ready\ndata: ${JSON.stringify({ version, newest })}\n\n`),
    event: (event: StoredEvent) =>
      bytes(`id: ${event.id}\nevent: event\ndata: ${JSON.stringify(wireEvent(event))}\n\n`),
    // Without an id: it has no place in the log, and a client resumes after the last event.
    receipt: receipt => bytes(`event: receipt\ndata: ${JSON.stringify(wireReceipt(receipt))}\n\n`),
    change: change => bytes(`event: change\ndata: ${JSON.stringify(wireChange(change))}\n\n`),
    reset: ({ oldest, newest }) => bytes(`event: reset\ndata: ${JSON.stringify({ oldest, newest })}\n\n`),
    keepAlive: bytes(': here\n\n'),
    farewell: bytes(': the hub stops\n\n'),
  }
}

function wireReceipt({ eventId, session, state, route, proof, answeredBy, at }: ShownReceipt) {
  const of = { event_id: eventId, session, state, route, proof, answered_by: answeredBy }
  return defined({ ...of, at: new Date(at).toISOString() })
}

function wireChange({ channels, at, ...change }: ShownChange) {
  return { ...change, channel: channels.join(' '), at: new Date(at).toISOString() }
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}
