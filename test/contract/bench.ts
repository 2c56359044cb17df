import type { StoredEvent } from '../../src/bus/event.ts'
import type { Session } from '../../src/bus/session.ts'
import type { NewSession } from '../../src/bus/session-patch.ts'
import type { Command, Commit, Conflict, NewEvent, Store } from '../../src/bus/store.ts'
import type { TestMachine } from './test-machine.ts'

/** A fresh store and the clock that it goes by. */
export interface Bench {
  readonly store: Store
  readonly clock: TestMachine
}

/** Sentences of behaviour, each with what shows it. */
export type Cases = Record<string, (bench: Bench) => Promise<void>>

export const START_MS = 1_700_000_000_000

export function aSession(id: string, more: Partial<NewSession> = {}): NewSession {
  return { id, name: id, codename: `code-${id}`, machine: 'm1', grantor: 'operator', owns: [], topics: [], ...more }
}

/** A broadcast by somebody who is no session, unless told otherwise. */
export function anEvent(more: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'message',
    channels: ['all'],
    senderId: 'token:ci',
    senderName: 'ci',
    text: 'hello',
    level: 'info',
    urgency: 'quiet',
    hops: 0,
    ...more,
  }
}

/** The results of a commit that must succeed. */
export async function done<const C extends readonly Command[]>(
  store: Store,
  ...commands: C
): Promise<(Commit<C> & { ok: true })['results']> {
  const commit = await store.commit(commands)
  if (commit.ok) return commit.results
  throw new Error(`expected a commit, got ${JSON.stringify(commit)}`)
}

/** The conflict of a commit that must be refused. */
export async function refused(store: Store, ...commands: Command[]): Promise<Conflict> {
  const commit = await store.commit(commands)
  if (!commit.ok) return commit.conflict
  throw new Error(`expected a conflict, got ${JSON.stringify(commit)}`)
}

export async function publish(store: Store, more: Partial<NewEvent> = {}): Promise<StoredEvent> {
  const [stored] = await done(store, { kind: 'append', event: anEvent(more) })
  return stored
}

/** A session that follows `all`, its own channel and these, from now on. */
export async function join(store: Store, id: string, channels: readonly string[] = [], more: Partial<NewSession> = {}) {
  const [session] = await done(
    store,
    { kind: 'createSession', session: aSession(id, more) },
    { kind: 'follow', sessionId: id, channels: ['all', `session:${id}`, ...channels], backfillMs: 0 },
  )
  return session
}

export async function take(store: Store, sessionId: string, limit = 100, route = 'inbox') {
  const [offered] = await done(store, { kind: 'offer', sessionId, limit, route })
  return offered
}

export async function confirm(store: Store, sessionId: string, proof = 'next call') {
  const [{ consumed }] = await done(store, { kind: 'confirm', sessionId, proof })
  return consumed.length
}

export async function acknowledge(store: Store, sessionId: string, upTo: number, rewind = false) {
  const [acknowledged] = await done(store, { kind: 'acknowledge', sessionId, upTo, proof: 'ack', rewind })
  return { ...acknowledged, consumed: acknowledged.consumed.length }
}

export async function unreadIds(store: Store, sessionId: string): Promise<number[]> {
  return ids((await store.unread(sessionId, 1_000)).messages)
}

export function ids<T extends { id: unknown }>(list: readonly T[]): T['id'][] {
  return list.map(each => each.id)
}

export function names(list: readonly Session[]): string[] {
  return list.map(each => each.name)
}

/** All events, oldest first. */
export async function log(store: Store): Promise<StoredEvent[]> {
  return (await store.events({ order: 'asc', limit: 10_000 })).events
}
