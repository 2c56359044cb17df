import { type IncomingMessage, request } from 'node:http'
import type { Event } from '../../src/bus/event.ts'
import type { Where } from './door.ts'

interface Said {
  readonly event: string
  readonly id?: number
  readonly data: any
}

/** A reader of `GET /v1/stream` with its own small parser, so that the client's is not tested by itself. */
export interface EventStream {
  readonly said: readonly Said[]
  readonly comments: readonly string[]
  readonly events: readonly Event[]
  readonly status: number
  readonly response: IncomingMessage
  /** Resolves once the condition holds for what has come. */
  until(condition: (stream: EventStream) => boolean): Promise<void>
  readonly ended: Promise<void>
  close(): void
}

export async function openEventStream(
  where: Where,
  query: string,
  credential: string,
  lastEventId?: number,
): Promise<EventStream> {
  const host = 'port' in where ? `127.0.0.1:${where.port}` : 'localhost'
  const sent = request({
    ...('port' in where ? { host: '127.0.0.1', port: where.port } : where),
    path: `/v1/stream${query === '' ? '' : `?${query}`}`,
    agent: false,
    headers: {
      host,
      authorization: `Bearer ${credential}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject).end()
  })
  const said: Said[] = []
  const comments: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let end: () => void
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const stream: EventStream = {
    said,
    comments,
    get events() {
      return said.filter(each => each.event === 'event').map(each => each.data as Event)
    },
    status: response.statusCode!,
    response,
    ended,
    until(condition) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!condition(stream)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        void ended.then(() => reject(new Error(`the stream ended after ${said.length} frames`)))
      })
    },
    close: () => response.destroy(),
  }
  sent.on('error', () => undefined)
  response.setEncoding('utf8')
  response.on('data', chunk => {
    const frames = `${rest}${chunk}`.split('\n\n')
    rest = frames.pop()!
    for (const frame of frames) {
      if (frame.startsWith(':')) comments.push(frame.slice(1).trim())
      else said.push(parsedFrame(frame))
    }
    for (const look of [...waiting]) look()
  })
  response.on('error', () => undefined)
  response.on('close', () => end())
  return stream
}

function parsedFrame(frame: string): Said {
  const fields = Object.fromEntries(
    frame.split('\n').map(line => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  return { event: fields.event!, data: JSON.parse(fields.data!), ...(fields.id ? { id: Number(fields.id) } : {}) }
}
