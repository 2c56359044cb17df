import type { Event } from '../bus/event.ts'
import { type Connection, isAway, openStream, patiently, withinTimeout } from './connection.ts'
import { createPauses } from './pause.ts'
import { createSseParser, type SseFrame } from './sse-parser.ts'
import type { ChangeNews, ReceiptNews, StreamFilter, StreamItem } from './types.ts'
import { ConnectionError } from './wire.ts'

/** The hub writes at least a comment every 15 s: a client that reads nothing for this long has lost the connection. */
const SILENCE_MS = 40_000

/**
 * Follows the hub's stream. The first connection obeys the client's deadline; once it was open it is opened again for
 * ever, until the signal says stop or the hub refuses (the session ended, the credential is gone).
 */
export async function* followStream(
  connection: Connection,
  credential: () => Promise<string>,
  filter: StreamFilter,
  { silenceMs = SILENCE_MS } = {},
): AsyncGenerator<StreamItem, void, undefined> {
  const { signal } = filter
  const pauses = createPauses({ firstMs: 20, maxMs: 1_000, signal })
  let cursor = filter.after
  let wasOpen = false
  const connect = async (signal: AbortSignal | undefined) =>
    await openStream(connection, {
      method: 'GET',
      path: `/v1/stream${queryOf(filter, cursor)}`,
      headers: { authorization: `Bearer ${await credential()}`, accept: 'text/event-stream' },
      signal,
      silenceMs,
    })
  while (!signal?.aborted) {
    try {
      const body = wasOpen
        ? await connect(signal)
        : await withinTimeout(connection, { waitMs: 0, signal }, signal =>
            patiently(connection, { deadlineMs: connection.deadlineMs, signal }, () => connect(signal)),
          )
      for await (const item of itemsOf(body)) {
        cursor = cursorAfter(item, cursor)
        wasOpen = true
        pauses.reset()
        yield item
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!wasOpen || !isAway(error)) throw error
    }
    try {
      await pauses.wait()
    } catch {
      return
    }
  }
}

/** What the next connection goes on after. */
function cursorAfter(item: StreamItem, before: number | undefined): number | undefined {
  if (item.kind === 'ready') return before ?? item.newest
  if (item.kind === 'event') return item.event.id
  if (item.kind === 'reset') return Math.max(before ?? 0, item.oldest - 1)
  return before
}

function queryOf(filter: StreamFilter, after: number | undefined): string {
  const query = new URLSearchParams()
  if (after !== undefined) query.set('after', String(after))
  if (filter.channel !== undefined) query.set('channel', filter.channel)
  if (filter.types !== undefined) query.set('types', filter.types.join(','))
  if (filter.from !== undefined) query.set('from', filter.from)
  if (filter.thread !== undefined) query.set('thread', filter.thread)
  if (filter.minLevel !== undefined) query.set('min_level', filter.minLevel)
  if (filter.mine) query.set('mine', '1')
  if (filter.attach) query.set('attach', '1')
  if (filter.receipts) query.set('receipts', '1')
  return query.size === 0 ? '' : `?${query}`
}

async function* itemsOf(body: AsyncIterable<unknown> & { destroy(): unknown }): AsyncGenerator<StreamItem> {
  let frames: SseFrame[] = []
  const feed = createSseParser(frame => frames.push(frame))
  try {
    for await (const chunk of body) {
      feed(chunk as Buffer)
      const ready = frames
      frames = []
      for (const frame of ready) {
        const item = itemOf(frame)
        if (item) yield item
      }
    }
  } catch (error) {
    throw new ConnectionError(error as Error)
  } finally {
    body.destroy()
  }
}

/** Frames of kinds that this version does not know are passed over. */
function itemOf(frame: SseFrame): StreamItem | undefined {
  if (frame.kind === 'comment') return undefined
  if (frame.event === 'event') return { kind: 'event', event: JSON.parse(frame.data) as Event }
  if (frame.event === 'receipt') return { kind: 'receipt', receipt: JSON.parse(frame.data) as ReceiptNews }
  if (frame.event === 'change') return { kind: 'change', change: JSON.parse(frame.data) as ChangeNews }
  if (frame.event === 'ready' || frame.event === 'reset') return { kind: frame.event, ...JSON.parse(frame.data) }
  return undefined
}
