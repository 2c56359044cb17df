import { ERRORS } from '../../src/bus/errors.ts'
import type { Store } from '../../src/bus/store.ts'
import type { Route } from '../../src/transports/http/exchange.ts'
import { type Answer, type Door, isStream } from '../hub/door.ts'
import { codeOf } from '../hub/test-hub.ts'
import { sampleOf } from './samples.ts'

/** One way to come without the right to. */
export interface Intruder {
  readonly name: string
  readonly headers: Record<string, string>
  readonly query?: string
}

/**
 * Tries a route as an intruder. Returns what is wrong with how it was answered; nothing is wrong with a refusal that is
 * one of the registry's, of one of these codes, and without any effect.
 */
export async function findHoles(
  door: Door,
  route: Pick<Route, 'methods' | 'path'>,
  intruder: Intruder,
  store: Store,
  codes: readonly string[] = ['unauthenticated'],
): Promise<string[]> {
  const holes: string[] = []
  for (const method of route.methods) {
    const before = await traces(store)
    const answer = await attempt(door, method, `${route.path}${intruder.query ?? ''}`, intruder.headers)
    const where = `${method} ${route.path} as ${intruder.name}`
    const code = codeOf(answer)
    if (isStream(answer.headers)) holes.push(`${where}: served a stream`)
    else if (code === undefined || !codes.includes(code)) holes.push(`${where}: ${answer.status} ${answer.text}`)
    else if (answer.status !== ERRORS[code as keyof typeof ERRORS].status)
      holes.push(`${where}: status ${answer.status}`)
    if ((await traces(store)) !== before) holes.push(`${where}: left traces in the store`)
  }
  return holes
}

function attempt(door: Door, method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  const operation = /^\/v1\/([a-z_]+)/.exec(path)?.[1] ?? ''
  const body = method === 'POST' ? { body: JSON.stringify(sampleOf(operation)) } : {}
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
  return door.ask(path, { method, headers: { ...type, ...headers }, ...body, isHeadOfStreamEnough: true })
}

/** Everything that an intruder could have changed, and whether anything was written at all. */
async function traces(store: Store): Promise<string> {
  const [{ commits }, contents] = await Promise.all([store.stats(), contentsOf(store)])
  return `${commits} ${contents}`
}

/** What callers have put into a store; signs of life, which the hub writes every ten seconds, are none of it. */
export async function contentsOf(store: Store): Promise<string> {
  const [sessions, states, claims, tokens, bounds] = await Promise.all([
    store.sessions({ includeEnded: true, limit: 500 }),
    store.states('', 500),
    store.claims({ limit: 99 }),
    store.tokens(),
    store.bounds(),
  ])
  return JSON.stringify({ sessions: sessions.map(({ seenAt: _, ...each }) => each), states, claims, tokens, bounds })
}
