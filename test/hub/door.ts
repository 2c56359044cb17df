import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

export type Where = { readonly socketPath: string } | { readonly port: number }

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Undefined where the answer is no JSON. */
  readonly json: unknown
}

export interface Asking {
  readonly method?: string
  readonly headers?: Record<string, string | string[]>
  readonly credential?: string
  readonly body?: string | Buffer
  /** Sends the body without saying how long it is. */
  readonly chunked?: boolean
  readonly signal?: AbortSignal
  /** A stream has no end: its status and headers are the answer. */
  readonly isHeadOfStreamEnough?: boolean
}

export function isStream(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true
}

/** One of the hub's two listeners, as a client sees it. */
export class Door {
  readonly where: Where
  readonly #agent = new Agent({ keepAlive: true })

  constructor(where: Where) {
    this.where = where
  }

  get host(): string {
    return 'port' in this.where ? `127.0.0.1:${this.where.port}` : 'localhost'
  }

  ask(path: string, asking: Asking = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, credential, body, chunked, signal } = asking
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...('port' in this.where ? { host: '127.0.0.1', port: this.where.port } : this.where),
          agent: this.#agent,
          method,
          path,
          ...(signal ? { signal } : {}),
          headers: {
            host: this.host,
            ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
            ...(body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
            ...(chunked ? { 'transfer-encoding': 'chunked' } : {}),
            ...headers,
          },
        },
        response => {
          if (asking.isHeadOfStreamEnough === true && isStream(response.headers)) {
            response.destroy()
            return resolve({ status: response.statusCode!, headers: response.headers, text: '', json: undefined })
          }
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode!, headers: response.headers, text, json: parsed(text) })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  call(operation: string, input: unknown, credential?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(`/v1/${operation}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
      ...(credential === undefined ? {} : { credential }),
    })
  }

  /** Sends these very bytes on a connection of their own, and returns what comes until it closes. */
  raw(bytes: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = 'port' in this.where ? connect(this.where.port, '127.0.0.1') : connect(this.where.socketPath)
      const chunks: Buffer[] = []
      socket.on('data', chunk => chunks.push(chunk))
      socket.on('error', error => (chunks.length > 0 ? undefined : reject(error)))
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
      socket.write(bytes)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
