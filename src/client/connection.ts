import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BusError, ERRORS, type ErrorBody } from '../bus/errors.ts'
import { retold, say } from '../bus/say.ts'
import { createPauses } from './pause.ts'
import type { Launch, Starter } from './start-hub.ts'
import { ConnectionError, type Wire, type WireRequest } from './wire.ts'

/** What all clients of one `connect` share. */
export interface Connection {
  readonly url: string
  readonly wire: Wire
  readonly starter: Starter | undefined
  readonly logFile: string
  readonly deadlineMs: number
  readonly timeoutMs?: number | undefined
}

export interface Patience {
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
}

/** No operation takes a second beyond what it waits for itself; this is for a hub that hangs. */
const SILENCE_MS = 30_000

/**
 * Tries until it works, the deadline passes, the hub refuses, or the one that was started for this cannot live. Pauses
 * grow from 10 ms to half a second.
 */
export async function patiently<T>(connection: Connection, patience: Patience, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience.deadlineMs
  const pauses = createPauses({ firstMs: 10, maxMs: 500, signal: patience.signal })
  let launch: Launch | undefined
  let away: unknown
  let mayBeDone = false
  const giveUp = (cause: unknown) => unavailable(connection, patience, { cause, mayBeDone })
  for (;;) {
    // Known before the attempt, so that a rival's hub is looked for once more.
    const hasFailed = launch?.hasFailed() === true
    try {
      const answer = await attempt()
      connection.starter?.reached()
      return answer
    } catch (error) {
      // The last try was cut short by the time's end: what ended the ones before it is the reason.
      if (isTimeout(error) && away !== undefined) throw giveUp(away)
      // Why it was ended from outside is the answer.
      if (!isAway(error) || patience.signal?.aborted) throw error
      away = error
      mayBeDone ||= isBroken(error)
      if (hasFailed) throw launch?.failure()
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) throw giveUp(error)
      // Only where nobody listens: a connection that broke midway means that a hub is, or was just now, there.
      if (nobodyListens(error)) launch = (await connection.starter?.start()) ?? launch
      await pauses.wait(leftMs).catch(reason => {
        throw isTimeout(reason) ? giveUp(error) : reason
      })
      // Not tried again at the last moment: whether the time is up for want of a hub or of its answer would be chance.
      if (performance.now() >= deadline) throw giveUp(error)
    }
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** `waitMs`: how long the call itself is to wait before it answers. */
export async function exchange(connection: Connection, request: WireRequest, waitMs = 0): Promise<unknown> {
  const answer = await connection.wire.exchange({ silenceMs: SILENCE_MS + waitMs, ...request })
  return readAnswer(connection, answer.status, answer.contentType, answer.body)
}

/** Opens a stream; a refusal is read and thrown. */
export async function openStream(connection: Connection, request: WireRequest): Promise<IncomingMessage> {
  const answer = await connection.wire.open(request)
  if (answer.statusCode === 200) return answer
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const type = answer.headers['content-type'] ?? ''
  readAnswer(connection, answer.statusCode ?? 0, type, Buffer.concat(chunks).toString('utf8'))
  throw new BusError('internal', say`expected a stream from ${connection.url}, got status ${answer.statusCode ?? 0}`)
}

/** For the answer of a call that has waited until its own end. */
const OWN_END_MS = 1_000

/** A timer that is set to more ends at once; 24 days are as good as none. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Runs a call within its time, where it has one. */
export async function withinTimeout<T>(
  { url, timeoutMs }: Connection,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal | undefined },
  call: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return await call(signal)
  const limitMs = Math.min(MAX_TIMER_MS, Math.ceil(timeoutMs + (waitMs > 0 ? OWN_END_MS : 0)))
  // Not `AbortSignal.timeout`, which would end a stream as well that was opened in time.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new DOMException('the time is up', 'TimeoutError')), limitMs)
  try {
    return await call(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]))
  } catch (error) {
    if (!late.signal.aborted || signal?.aborted || isAway(error)) throw error
    throw new BusError('timed_out', say`the hub at ${url} gave no answer within ${limitMs} ms`, {
      next: `It may hang: \`switchboard doctor\` says. ${MAY_BE_DONE}`,
      cause: error,
    })
  } finally {
    clearTimeout(timer)
  }
}

export function freshKey(): string {
  return randomUUID()
}

function readAnswer(connection: Connection, status: number, contentType: string, body: string): unknown {
  const isJson = /^application\/([\w.+-]+\+)?json\b/i.test(contentType)
  const value = isJson ? parsed(connection, body) : body
  if (status >= 200 && status < 300) return value
  const error = (value as { error?: ErrorBody } | undefined)?.error
  if (typeof error === 'object' && error !== null && error.code in ERRORS) throw BusError.from(error)
  throw new BusError('internal', say`${connection.url} answered with status ${status} and no error of the bus`, {
    next: 'See whether this is the address of a Switchboard hub.',
  })
}

function parsed(connection: Connection, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new BusError('internal', say`${connection.url} answered with broken JSON`)
  }
}

export function isAway(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof BusError && error.code === 'hub_unavailable')
}

function nobodyListens(error: unknown): boolean {
  return error instanceof ConnectionError && ['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')
}

/** The request may have arrived. */
function isBroken(error: unknown): boolean {
  return error instanceof ConnectionError && !nobodyListens(error)
}

const MAY_BE_DONE = 'What you asked for may have been done: look before you repeat it.'

function unavailable(
  connection: Connection,
  patience: Patience,
  { cause, mayBeDone }: { cause: unknown; mayBeDone: boolean },
): BusError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const next =
    connection.starter === undefined
      ? say(
          'See whether the hub runs there (`switchboard status`) and the address is right (--url or SWITCHBOARD_URL).',
        )
      : say`Try again in a moment. If it stays so, its log may say why: ${connection.logFile}`
  return new BusError(
    'hub_unavailable',
    say`no hub answered at ${connection.url} within ${Math.round(patience.deadlineMs)} ms: ${retold(why)}`,
    { next: mayBeDone ? say`${say(MAY_BE_DONE)} ${next}` : next, cause },
  )
}
