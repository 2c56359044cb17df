import type http from 'node:http'
import type { Socket } from 'node:net'
import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import type { Target } from './target.ts'

/**
 * Not imported: for an ES import Node reads every export of the module, and `http.WebSocket` loads all of undici then
 * (40 ms on Node 24, where this way takes 3).
 */
const { Agent } = process.getBuiltinModule('node:http')

/**
 * One exchange over `node:http` (not `fetch`, which costs 50 to 100 ms of start-up). Whatever goes wrong before an
 * answer is complete is a `ConnectionError`: for the caller the hub was away, and may have acted or not.
 */
export interface Wire {
  exchange(request: WireRequest): Promise<WireAnswer>
  /** Resolves with the answer's head; its body is read by the caller. */
  open(request: WireRequest): Promise<http.IncomingMessage>
  close(): void
}

export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  /** How long nothing at all may come. */
  readonly silenceMs?: number
}

export interface WireAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export class ConnectionError extends Error {
  readonly code: string | undefined
  constructor(cause: Error & { code?: string }) {
    super(cause.message || cause.code || 'connection failed', { cause })
    this.name = 'ConnectionError'
    this.code = cause.code
  }
}

export function createWire(target: Target): Wire {
  const createConnection = target.dial && dialler(target.dial)
  const plainAgent = target.isSecure ? undefined : new Agent({ keepAlive: true, maxSockets: 64 })
  if (plainAgent && createConnection) Object.assign(plainAgent, { createConnection })

  async function open(request: WireRequest, agent: http.Agent | undefined | false): Promise<http.IncomingMessage> {
    const transport = process.getBuiltinModule(target.isSecure ? 'node:https' : 'node:http')
    request.signal?.throwIfAborted()
    return await new Promise((resolve, reject) => {
      const sent = transport.request({
        ...target.options,
        method: request.method,
        path: target.prefix + request.path,
        headers: {
          host: target.hostHeader,
          ...request.headers,
          ...(request.body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(request.body) }),
        },
        ...(agent === undefined ? {} : { agent }),
        ...(agent === false && createConnection ? { agent: undefined, createConnection } : {}),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      })
      const { silenceMs } = request
      if (silenceMs !== undefined) {
        sent.setTimeout(silenceMs, () => {
          sent.destroy(Object.assign(new Error(`nothing came for ${silenceMs} ms`), { code: 'ETIMEDOUT' }))
        })
      }
      sent.once('response', resolve)
      sent.on('error', (error: Error) => reject(request.signal?.aborted ? request.signal.reason : faultOf(error)))
      sent.end(request.body)
    })
  }

  return {
    async exchange(request) {
      const answer = await open(request, plainAgent)
      try {
        const body = await bodyOf(answer)
        return { status: answer.statusCode ?? 0, contentType: answer.headers['content-type'] ?? '', body }
      } catch (error) {
        throw request.signal?.aborted ? request.signal.reason : new ConnectionError(error as Error)
      }
    },
    // A stream gets a connection of its own: it would hold one of the pool's for as long as it lives.
    open: request => open(request, target.isSecure ? undefined : false),
    close: () => plainAgent?.destroy(),
  }
}

/** By its events: to iterate over an answer costs several times what it takes to read one packet. */
function bodyOf(answer: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const onClose = () => {
      if (!answer.readableEnded) reject(new Error('the answer broke off'))
    }
    answer
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      .on('error', reject)
      .on('close', onClose)
    if (answer.destroyed) onClose()
  })
}

type Connected = (error: Error | null, socket: Socket) => void

/** In the words of `node:http`: an agent passes on what its callback gets, and not what is thrown. */
function dialler(dial: () => Socket): (options: unknown, done: Connected) => undefined {
  return (_options, done) => {
    let socket: Socket
    try {
      socket = dial()
    } catch (error) {
      ;(done as (error: unknown) => void)(error)
      return
    }
    done(null, socket)
  }
}

interface Fault {
  readonly code?: string
  readonly syscall?: string
  readonly address?: string
  readonly port?: number
}

/** What another try would find the same is no hub that is away: a place that is not the user's own, a sandbox's refusal. */
function faultOf(error: Error & Fault): Error {
  if (error instanceof BusError) return error
  if (error.syscall !== 'connect' || !['EPERM', 'EACCES'].includes(error.code ?? '')) return new ConnectionError(error)
  const where = [error.address, error.port].filter(part => part !== undefined).join(':')
  return new BusError(
    'connect_denied',
    say`the system does not let this process connect to ${where} (${error.code ?? ''})`,
    {
      next: 'Is this a sandbox? Allow it this socket, or run the command outside of it.',
      cause: error,
    },
  )
}
