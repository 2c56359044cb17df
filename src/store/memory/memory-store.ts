import type { Authority } from '../../bus/access.ts'
import { authorityChanges } from '../../bus/authority-changes.ts'
import type { Change } from '../../bus/change.ts'
import { changesOf } from '../../bus/changes.ts'
import type { ClaimQuery } from '../../bus/claim.ts'
import { BusError } from '../../bus/errors.ts'
import type { StoredEvent } from '../../bus/event.ts'
import { talkAt } from '../../bus/loops.ts'
import type { ReceiptChange } from '../../bus/receipt.ts'
import { receiptChanges } from '../../bus/receipt-changes.ts'
import type { Command, Commit, IdempotencyKey, Store } from '../../bus/store.ts'
import { type MachineClock, StoreClock } from '../../bus/store-clock.ts'
import type { EventQuery, SessionQuery, StoreInspection, StoreStats } from '../../bus/store-reads.ts'
import { subscribe } from '../../bus/subscribe.ts'
import { lapse } from './authority.ts'
import { claimsOf } from './claims.ts'
import { execute } from './commands.ts'
import { boundsOf, eventsOf } from './events.ts'
import { hasOpenOffer, isAnswer, nextExpiry, receipts, unread, unreadDirect } from './inbox.ts'
import { rememberKey } from './keys.ts'
import { Refusal } from './refusal.ts'
import { known, sessionsCalled, sessionsOf } from './sessions.ts'
import { presentKeys, stateHistory, stateOf, states } from './state.ts'
import { channelsIn, followers, isFollowed } from './subscriptions.ts'
import { copied, emptyTables, joined, jsonCopy, type Tables } from './tables.ts'
import { talkOf } from './talk.ts'
import { tokenOfHash, validToken } from './tokens.ts'

/**
 * The oracle: the store's contract written down as plainly as it can be, to hold other stores against. It scans where
 * others have an index, and it forgets everything when it is closed.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #clock: StoreClock
  readonly #listeners = new Set<(events: readonly StoredEvent[]) => void>()
  readonly #onReceipts = new Set<(changes: readonly ReceiptChange[]) => void>()
  readonly #onChanges = new Set<(changes: readonly Change[]) => void>()
  readonly #onAuthority = new Set<(ids: readonly string[]) => void>()
  #tables = emptyTables()
  #commits = 0
  #isClosed = false

  constructor(machine: MachineClock) {
    this.#clock = new StoreClock(machine)
  }

  async commit<const C extends readonly Command[]>(
    commands: C,
    key?: IdempotencyKey,
    authority?: Authority,
  ): Promise<Commit<C>> {
    const at = this.#clock.now()
    const before = this.#read()
    this.#commits++
    const why = authority && lapse(before, authority)
    if (why !== undefined) return { ok: false, at, failed: 0, conflict: { code: 'unauthorised', why } }
    const known = key && before.keys.get(joined(key.scope, key.key))
    if (key && known) {
      if (known.fingerprint !== key.fingerprint) return { ok: false, at, failed: 0, conflict: { code: 'key_reused' } }
      return { ok: true, at: known.at, results: JSON.parse(known.results), replayed: true }
    }
    if (key?.onlyRepeat) return { ok: false, at, failed: 0, conflict: { code: 'not_found', what: 'key' } }
    const draft = copied(before)
    const results: unknown[] = []
    for (const command of jsonCopy(commands)) {
      try {
        results.push(execute(draft, at, command))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return jsonCopy({ ok: false, at, failed: results.length, conflict: error.conflict })
      }
    }
    if (key) rememberKey(draft, at, key, commands, results)
    this.#tables = draft
    this.#announce(before.counters.newest)
    const ids = authorityChanges(commands, results)
    if (ids.length > 0) for (const listener of this.#onAuthority) queueMicrotask(() => listener(ids))
    const changes = receiptChanges(commands, results, change => isAnswer(draft, change))
    if (changes.length > 0) for (const listener of this.#onReceipts) queueMicrotask(() => listener(changes))
    const others = changesOf(commands, results)
    if (others.length > 0) for (const listener of this.#onChanges) queueMicrotask(() => listener(others))
    return { ok: true, at, results: jsonCopy(results) as never, replayed: false }
  }

  onAppend(listener: (events: readonly StoredEvent[]) => void): () => void {
    return subscribe(this.#listeners, listener)
  }

  onReceipts(listener: (changes: readonly ReceiptChange[]) => void): () => void {
    return subscribe(this.#onReceipts, listener)
  }

  onChanges(listener: (changes: readonly Change[]) => void): () => void {
    return subscribe(this.#onChanges, listener)
  }

  onAuthority(listener: (ids: readonly string[]) => void): () => void {
    return subscribe(this.#onAuthority, listener)
  }

  #announce(after: number): void {
    const appended = [...this.#tables.events.values()].filter(({ id }) => id > after)
    if (appended.length === 0) return
    for (const listener of this.#listeners) queueMicrotask(() => listener(jsonCopy(appended)))
  }

  #read(): Tables {
    if (this.#isClosed) throw new BusError('store_unavailable', 'the store is closed')
    return this.#tables
  }

  async now() {
    return this.#clock.now()
  }

  async session(id: string) {
    return copyOf(this.#read().sessions.get(id))
  }

  async sessionOfClient(grantor: string, machine: string, clientId: string) {
    const all = [...this.#read().sessions.values()].filter(session => session.grantor === grantor)
    return copyOf(all.find(session => session.machine === machine && session.clientId === clientId))
  }

  async sessionsCalled(reference: string) {
    return jsonCopy(sessionsCalled(this.#read(), reference))
  }

  async sessions(query: SessionQuery) {
    return jsonCopy(sessionsOf(this.#read(), query))
  }

  async known(kind: 'repo' | 'machine' | 'role' | 'topic', limit: number) {
    return known(this.#read(), kind).slice(0, limit)
  }

  async isFollowed(channel: string) {
    return isFollowed(this.#read(), channel)
  }

  async followers(channels: readonly string[], limit: number) {
    return jsonCopy(followers(this.#read(), channels, limit))
  }

  async channels(limit: number) {
    return channelsIn(this.#read()).slice(0, limit)
  }

  async bounds() {
    return boundsOf(this.#read())
  }

  async event(id: number) {
    return copyOf(this.#read().events.get(id))
  }

  async events(query: EventQuery) {
    return jsonCopy(eventsOf(this.#read(), query))
  }

  async unread(sessionId: string, limit: number, first: 'oldest' | 'urgent' = 'oldest', maxBytes?: number) {
    return jsonCopy(unread(this.#read(), this.#clock.now(), sessionId, limit, first, maxBytes))
  }

  async unreadDirect(sessionId: string, limit: number) {
    return jsonCopy(unreadDirect(this.#read(), this.#clock.now(), sessionId, limit))
  }

  async hasOpenOffer(sessionId: string) {
    return hasOpenOffer(this.#read(), sessionId)
  }

  async talk(sessionId: string) {
    return copyOf(talkAt(talkOf(this.#read(), sessionId), this.#clock.now()))
  }

  async nextExpiry() {
    return nextExpiry(this.#read())
  }

  async receipts(eventId: number, limit: number) {
    return receipts(this.#read(), eventId, limit)
  }

  async state(key: string, version?: number) {
    return copyOf(stateOf(this.#read(), key, version))
  }

  async states(prefix: string, limit: number) {
    return jsonCopy(states(this.#read(), prefix, limit))
  }

  async stateHistory(key: string, limit: number) {
    return jsonCopy(stateHistory(this.#read(), key, limit))
  }

  async claims(query: ClaimQuery) {
    return jsonCopy(claimsOf(this.#read(), this.#clock.now(), query))
  }

  async tokens() {
    return jsonCopy(this.#read().tokens)
  }

  async lapse(authority: Authority) {
    return lapse(this.#read(), authority)
  }

  async token(id: string) {
    return copyOf(validToken(this.#read(), id))
  }

  async tokenOfHash(hash: string) {
    return copyOf(tokenOfHash(this.#read(), hash))
  }

  async kept(name: string) {
    return this.#read().kept.get(name)
  }

  async inspect(): Promise<StoreInspection> {
    return { engine: 'memory', settings: {}, faults: [], incidents: [] }
  }

  async stats(): Promise<StoreStats> {
    const tables = this.#read()
    const sessions = sessionsOf(tables, { includeEnded: true, limit: Number.POSITIVE_INFINITY })
    return {
      events: tables.events.size,
      sessions: sessions.length,
      liveSessions: sessions.filter(session => session.endedAt === undefined).length,
      stateKeys: presentKeys(tables).length,
      claims: claimsOf(tables, this.#clock.now(), { limit: Number.POSITIVE_INFINITY }).length,
      bytes: 0,
      commits: this.#commits,
      transactions: this.#commits,
    }
  }

  async close() {
    this.#isClosed = true
    this.#listeners.clear()
    this.#onReceipts.clear()
    this.#onChanges.clear()
    this.#onAuthority.clear()
  }
}

function copyOf<T>(record: T | undefined): T | undefined {
  return record === undefined ? undefined : jsonCopy(record)
}
