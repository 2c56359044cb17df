import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { playStep, sendJson } from './model-answer.ts'
import { lastUserText, type ModelRequest, parseRequest, textOf } from './model-request.ts'
import type { Step } from './model-script.ts'
import { type Queued, StepQueue } from './model-steps.ts'
import { waitFor } from './wait.ts'

const MAX_RECORDED = 500

/** The client asks again for a summary without its tags. */
const UNSCRIPTED: Partial<Record<ModelRequest['kind'], Step>> = {
  side: { text: 'a side answer' },
  compaction: { text: '<analysis>short</analysis><summary>what happened so far</summary>' },
}

interface Waiter {
  fits: (request: ModelRequest) => boolean
  resolve: (request: ModelRequest) => void
}

/**
 * The model that the real client talks to in the suite: it says what the test tells it to (`StepQueue`) and remembers
 * what it was shown. Titles, classifiers and compactions get an answer of their own and never use up a step.
 *
 * It listens on a unix socket, because that crosses network namespaces; the sandbox's keeper gives the client a
 * loopback port that leads to it.
 */
export class ModelServer {
  readonly requests: ModelRequest[] = []
  /** Awaited before a step is played: so a measurement lets several sessions take turns, a step each. */
  pace: (request: ModelRequest) => Promise<void> = async () => {}
  readonly #server: Server
  readonly #steps = new StepQueue()
  readonly #waiters = new Set<Waiter>()
  readonly #held = new Map<ServerResponse, () => void>()
  #seq = 0

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(error => response.destroy(error))
    })
  }

  static async start(socketPath: string): Promise<ModelServer> {
    const model = new ModelServer()
    model.#server.listen(socketPath)
    await once(model.#server, 'listening')
    return model
  }

  /** The last request so far: give it to `waitForRequest({ after })` to wait for something newer. */
  get lastSeq(): number {
    return this.#seq
  }

  queue(queued: Queued): void {
    this.#steps.add(queued)
  }

  /** Main-loop requests of one session, oldest first. */
  requestsOf(sessionId: string): ModelRequest[] {
    return this.requests.filter(request => request.kind === 'main' && request.sessionId === sessionId)
  }

  /** All that the session's model sees now: its latest main-loop request, which holds the whole live context. */
  textSeenBy(sessionId: string): string {
    const latest = this.requestsOf(sessionId).at(-1)
    return latest === undefined ? '' : textOf(latest)
  }

  /** The first request of a session's or a subagent's loop, past or to come, that fits. */
  waitForRequest(
    fits: (request: ModelRequest) => boolean,
    { timeoutMs = 120_000, after = 0 }: { timeoutMs?: number; after?: number } = {},
  ): Promise<ModelRequest> {
    const wanted = (request: ModelRequest) => takesSteps(request) && request.seq > after && fits(request)
    const already = this.requests.find(wanted)
    if (already !== undefined) return Promise.resolve(already)
    return new Promise((resolve, reject) => {
      // biome-ignore lint/plugin: against a hang.
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(new Error(`no fitting model request within ${timeoutMs} ms; the latest were:\n${this.#summary()}`))
      }, timeoutMs)
      const waiter: Waiter = {
        fits: wanted,
        resolve: request => {
          clearTimeout(timer)
          resolve(request)
        },
      }
      this.#waiters.add(waiter)
    })
  }

  /** Lets the model give the answers that are held, as soon as there is one. */
  async release(): Promise<void> {
    await waitFor('an answer to be held', () => this.#held.size > 0)
    for (const letGo of this.#held.values()) letGo()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections() // held and slow answers too
    await once(this.#server, 'close')
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {}) // the client may hang up whenever it likes
    const path = new URL(request.url ?? '/', 'http://model').pathname
    const body = await readJson(request)
    if (path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 100 })
    if (path === '/v1/models') return sendJson(response, 200, { data: [], has_more: false })
    if (path !== '/v1/messages') {
      const error = { type: 'not_found_error', message: `the scripted model has no ${path}` }
      return sendJson(response, request.method === 'HEAD' ? 200 : 404, { type: 'error', error })
    }
    const seen = parseRequest(++this.#seq, request.headers, body)
    this.#record(seen)
    const step = UNSCRIPTED[seen.kind] ?? this.#steps.take(seen)
    if (takesSteps(seen)) await this.pace(seen)
    if (step.held === true) await this.#hold(response)
    await playStep(response, step, seen.model, body?.stream === true)
  }

  /** Until the test lets it go or the client hangs up. */
  async #hold(response: ServerResponse): Promise<void> {
    await new Promise<void>(resolve => {
      this.#held.set(response, resolve)
      response.on('close', resolve)
    })
    this.#held.delete(response)
  }

  #record(request: ModelRequest): void {
    this.requests.push(request)
    if (this.requests.length > MAX_RECORDED) this.requests.shift()
    for (const waiter of this.#waiters) {
      if (!waiter.fits(request)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(request)
    }
  }

  #summary(): string {
    const latest = this.requests.filter(takesSteps).slice(-5)
    return latest.map(it => `#${it.seq} ${it.sessionId}: ${lastUserText(it).slice(-160)}`).join('\n')
  }
}

function takesSteps(request: ModelRequest): boolean {
  return UNSCRIPTED[request.kind] === undefined
}

async function readJson(request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
