import { statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Authority } from '../../bus/access.ts'
import { authorityChanges } from '../../bus/authority-changes.ts'
import type { Change } from '../../bus/change.ts'
import { changesOf } from '../../bus/changes.ts'
import type { ClaimQuery } from '../../bus/claim.ts'
import type { StoredEvent } from '../../bus/event.ts'
import { talkAt } from '../../bus/loops.ts'
import type { ReceiptChange } from '../../bus/receipt.ts'
import { receiptChanges } from '../../bus/receipt-changes.ts'
import type { Command, Commit, IdempotencyKey, Store } from '../../bus/store.ts'
import type { MachineClock } from '../../bus/store-clock.ts'
import type { EventQuery, SessionQuery, StoreInspection, StoreStats } from '../../bus/store-reads.ts'
import { subscribe } from '../../bus/subscribe.ts'
import { claims } from './claims.ts'
import { eventPage } from './event-query.ts'
import { findEvent } from './event-row.ts'
import { bounds } from './events.ts'
import { GroupCommit, type WriterOptions } from './group-commit.ts'
import { isAnswer } from './inbox.ts'
import { inspect } from './inspect.ts'
import { kept } from './keep.ts'
import { nextExpiry } from './outcomes.ts'
import { receipts } from './receipts.ts'
import * as people from './session-reads.ts'
import { OWN_SESSIONS } from './sessions.ts'
import type { Sql } from './sql.ts'
import { stateHistory, stateOf, states } from './state.ts'
import { unreadDirect } from './take-over.ts'
import { tokenOfHash, tokens } from './tokens.ts'
import { readLog } from './transaction.ts'
import { unread } from './unread.ts'

/**
 * The store of a hub on one machine: a file, one connection, one writer. Reads run on the same connection between two
 * transactions, so they always see exactly what has been committed.
 */
export class SqliteStore implements Store {
  readonly kind = 'sqlite'
  readonly #sql: Sql
  readonly #path: string
  readonly #writer: GroupCommit
  readonly #listeners = new Set<(events: readonly StoredEvent[]) => void>()
  readonly #onReceipts = new Set<(changes: readonly ReceiptChange[]) => void>()
  readonly #onChanges = new Set<(changes: readonly Change[]) => void>()
  readonly #onAuthority = new Set<(ids: readonly string[]) => void>()
  #isClosed = false

  constructor(sql: Sql, path: string, machine: MachineClock, options: WriterOptions = {}) {
    this.#sql = sql
    this.#path = path
    const done = (appended: readonly StoredEvent[]) => {
      for (const listener of this.#listeners) queueMicrotask(() => listener(appended))
    }
    this.#writer = new GroupCommit(sql, path, machine, done, options)
  }

  async commit<const C extends readonly Command[]>(
    commands: C,
    key?: IdempotencyKey,
    authority?: Authority,
  ): Promise<Commit<C>> {
    this.#writer.check()
    const outcome = await this.#writer.submit({ commands, key, authority })
    if ('fault' in outcome) throw outcome.fault
    const { commit } = outcome
    if (commit.ok && !commit.replayed) {
      tell(this.#onAuthority, () => authorityChanges(commands, commit.results))
      tell(this.#onReceipts, () => receiptChanges(commands, commit.results, change => this.#isAnswer(change)))
      tell(this.#onChanges, () => changesOf(commands, commit.results))
    }
    return commit as Commit<C>
  }

  /** What has been committed is done, whatever a read says: a listener may miss a change. */
  #isAnswer(change: ReceiptChange): boolean {
    try {
      return isAnswer(this.#sql, change)
    } catch {
      return false
    }
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

  async #read<T>(read: (sql: Sql) => T): Promise<T> {
    try {
      this.#writer.checkFile()
      return read(this.#sql)
    } catch (error) {
      throw this.#writer.faultOf(error)
    }
  }

  now() {
    return this.#read(() => this.#writer.now())
  }

  session(id: string) {
    return this.#read(sql => this.#writer.memo.session(sql, id))
  }

  sessionOfClient(grantor: string, machine: string, clientId: string) {
    return this.#read(sql => people.sessionOfClient(sql, grantor, machine, clientId))
  }

  sessionsCalled(reference: string) {
    return this.#read(sql => this.#writer.memo.sessionsCalled(sql, reference))
  }

  sessions(query: SessionQuery) {
    return this.#read(sql => people.sessions(sql, query))
  }

  known(kind: 'repo' | 'machine' | 'role' | 'topic', limit: number) {
    return this.#read(sql => people.known(sql, kind, limit))
  }

  isFollowed(channel: string) {
    return this.#read(sql => people.isFollowed(sql, channel))
  }

  followers(channels: readonly string[], limit: number) {
    return this.#read(sql => people.followers(sql, channels, limit))
  }

  channels(limit: number) {
    return this.#read(sql => people.channels(sql, limit))
  }

  bounds() {
    return this.#read(sql => bounds(sql))
  }

  event(id: number) {
    return this.#read(sql => findEvent(sql, id))
  }

  async events(query: EventQuery) {
    const step = eventPage(this.#sql, query)
    for (;;) {
      const page = await this.#read(step)
      if (page !== undefined) return page
      await nextTurn()
    }
  }

  unread(sessionId: string, limit: number, first: 'oldest' | 'urgent' = 'oldest', maxBytes?: number) {
    return this.#read(sql => unread(sql, this.#writer.now(), sessionId, limit, first, maxBytes))
  }

  unreadDirect(sessionId: string, limit: number) {
    return this.#read(sql => unreadDirect(sql, this.#writer.now(), sessionId, limit))
  }

  hasOpenOffer(sessionId: string) {
    return this.#read(sql => this.#writer.memo.hasOpenOffer(sql, sessionId))
  }

  talk(sessionId: string) {
    return this.#read(sql => talkAt(this.#writer.memo.talk(sql, sessionId), this.#writer.now()))
  }

  nextExpiry() {
    return this.#read(sql => nextExpiry(sql))
  }

  receipts(eventId: number, limit: number) {
    return this.#read(sql => receipts(sql, eventId, limit))
  }

  state(key: string, version?: number) {
    return this.#read(sql => stateOf(sql, key, version))
  }

  states(prefix: string, limit: number) {
    return this.#read(sql => states(sql, prefix, limit))
  }

  stateHistory(key: string, limit: number) {
    return this.#read(sql => stateHistory(sql, key, limit))
  }

  claims(query: ClaimQuery) {
    return this.#read(sql => claims(sql, this.#writer.now(), query))
  }

  tokens() {
    return this.#read(sql => tokens(sql))
  }

  lapse(authority: Authority) {
    return this.#read(sql => this.#writer.memo.lapse(sql, authority))
  }

  token(id: string) {
    return this.#read(sql => this.#writer.memo.token(sql, id))
  }

  tokenOfHash(hash: string) {
    return this.#read(sql => tokenOfHash(sql, hash))
  }

  kept(name: string) {
    return this.#read(sql => kept(sql, name))
  }

  stats(): Promise<StoreStats> {
    return this.#read(sql => {
      const counts = sql.one<Omit<StoreStats, 'events' | 'bytes' | 'commits' | 'transactions'>>(
        `SELECT (SELECT count(*) FROM main.sessions WHERE id NOT IN (${OWN_SESSIONS})) AS sessions,
           (SELECT count(*) FROM main.sessions WHERE gone = 0 AND id NOT IN (${OWN_SESSIONS})) AS liveSessions,
           (SELECT count(*) FROM main.present_state) AS stateKeys,
           (SELECT count(*) FROM main.claims WHERE expires_at > ?) AS claims`,
        this.#writer.now(),
      )!
      const { commits, transactions } = this.#writer
      const { events } = readLog(sql)
      return { events, ...counts, bytes: sizeOf(this.#path) + sizeOf(`${this.#path}-wal`), commits, transactions }
    })
  }

  async inspect(): Promise<StoreInspection> {
    const looking = inspect(this.#sql)
    for (;;) {
      const step = await this.#read(() => looking.next())
      if (step.done) return step.value
      await nextTurn()
    }
  }

  /** What was asked for before is still done. */
  async close() {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#writer.close(() => this.#sql.close())
    this.#listeners.clear()
    this.#onReceipts.clear()
    this.#onChanges.clear()
    this.#onAuthority.clear()
  }
}

/** What there is to tell is made out only where somebody listens. */
function tell<T>(listeners: ReadonlySet<(told: readonly T[]) => void>, what: () => readonly T[]): void {
  if (listeners.size === 0) return
  const told = what()
  if (told.length > 0) for (const listener of listeners) queueMicrotask(() => listener(told))
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
