import { BusError } from '../bus/errors.ts'
import { joined, retold, say } from '../bus/say.ts'
import { faultIn } from '../bus/text.ts'
import { givenCredential, userCredential } from '../home/credentials.ts'
import { homePaths } from '../home/paths.ts'
import type { OutputOf } from '../operations/index.ts'
import { type Connection, exchange, freshKey, patiently, withinTimeout } from './connection.ts'
import { createStarter } from './start-hub.ts'
import { followStream } from './stream.ts'
import { ownTarget, parseTarget } from './target.ts'
import type { Client, ConnectOptions, RequestOptions } from './types.ts'
import { createWire } from './wire.ts'

const DEADLINE_MS = 10_000

/** A client of the hub. Connects with the first call, not before. */
export function connect(options: ConnectOptions = {}): Client {
  const env = options.env ?? process.env
  const paths = homePaths(env)
  // A variable that is set to nothing is no address and no credential.
  const url = options.url ?? (env.SWITCHBOARD_URL || undefined)
  // Only this home's own socket is a hub that this home's program could start.
  const isOwn = url === undefined || url === `unix:${paths.socket}`
  const target = isOwn ? ownTarget(paths) : parseTarget(url)
  const connection: Connection = {
    url: target.url,
    wire: createWire(target),
    starter: isOwn && options.startHub !== false ? createStarter(paths, env) : undefined,
    logFile: paths.logFile,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    timeoutMs: options.timeoutMs,
  }
  const token = env.SWITCHBOARD_TOKEN?.trim() || undefined
  return createClient(connection, async () => {
    if (options.credential !== undefined) return givenCredential(options.credential, 'the option `credential`')
    return token === undefined ? await userCredential(paths) : givenCredential(token, 'SWITCHBOARD_TOKEN')
  })
}

function createClient(connection: Connection, credentialOf: () => Promise<string>): Client {
  let known: Promise<string> | undefined
  const credential = () => {
    known ??= credentialOf().catch(error => {
      known = undefined
      throw error
    })
    return known
  }

  async function request(method: 'GET' | 'POST', path: string, options: RequestOptions = {}): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${await credential()}`,
      accept: 'application/json',
      ...(method === 'POST' ? { 'idempotency-key': options.key ?? freshKey() } : {}),
    }
    const whole = method === 'POST' ? jsonOf(options.body ?? {}) : undefined
    const startedAt = performance.now()
    let isRepeat = false
    const body = () => {
      if (whole === undefined) return {}
      const json = isRepeat ? restOf(whole, performance.now() - startedAt) : whole
      isRepeat = true
      return { body: json }
    }
    const waitMs = options.waitMs ?? waitMsOf(options.body)
    const deadlineMs = options.deadlineMs ?? connection.deadlineMs
    return await withinTimeout(connection, { waitMs, signal: options.signal }, signal =>
      patiently(connection, { deadlineMs, signal }, () =>
        exchange(connection, { method, path, headers, ...body(), signal }, waitMs),
      ),
    )
  }

  return {
    async call(name, input, options = {}) {
      return (await request('POST', `/v1/${name}`, { ...options, body: input })) as OutputOf<typeof name>
    },
    request,
    stream: (filter = {}) => followStream(connection, credential, filter),
    withCredential: other => createClient(connection, async () => other),
    async close() {
      connection.wire.close()
    },
  }
}

/** Whatever operation waits has a field that says how long. */
function waitMsOf(body: unknown): number {
  const { wait_seconds: seconds } = (body ?? {}) as { wait_seconds?: unknown }
  return typeof seconds === 'number' ? seconds * 1000 : 0
}

/** A call that is sent again, to a hub that was away, waits for what is left of its time and not for all of it anew. */
function restOf(json: string, passedMs: number): string {
  const body = JSON.parse(json)
  const waitMs = waitMsOf(body)
  return waitMs === 0 ? json : JSON.stringify({ ...body, wait_seconds: Math.max(0, waitMs - passedMs) / 1000 })
}

/** What JSON would lose in silence is refused: it says null for Infinity and NaN. */
function jsonOf(body: unknown): string {
  const json = JSON.stringify(body)
  const fault = faultIn(body)
  if (fault === undefined) return json
  throw new BusError('invalid_input', say`${joined('.', fault.path)}: ${retold(fault.message)}`)
}
