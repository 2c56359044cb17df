import type { Store } from '../bus/store.ts'
import type { PresenceBoard } from '../operations/bus.ts'

/** A stream that breaks is back within one retry of its client; a process that ended is not. */
const GRACE_MS = 1_500

/** Ids in one commit of signs of life. */
const BATCH = 500

/**
 * Who is there, between two writes of it. Times are kept as "so long ago" on this process's monotonic clock, because
 * the store's clock, which rules presence, may be another machine's.
 *
 * A session's process holds a stream with `attach`. While one is open the session is seen now; when the last one has
 * closed and none has come back within the grace, the session's process has ended, and so does the session. Not while
 * the hub itself is closing: then it is the hub that leaves.
 */
export class Presence implements PresenceBoard {
  readonly #store: Store
  readonly #end: (sessionId: string) => Promise<void>
  readonly #graceMs: number
  readonly #seen = new Map<string, number>()
  readonly #unwritten = new Set<string>()
  readonly #attached = new Map<string, number>()
  readonly #leaving = new Map<string, NodeJS.Timeout>()
  readonly #ending = new Map<string, Promise<void>>()
  readonly #watchers = new Map<string, Set<() => void>>()
  #isClosing = false

  constructor(options: { store: Store; end: (sessionId: string) => Promise<void>; graceMs?: number }) {
    this.#store = options.store
    this.#end = options.end
    this.#graceMs = options.graceMs ?? GRACE_MS
  }

  touch(sessionId: string): void {
    this.#seen.set(sessionId, performance.now())
    this.#unwritten.add(sessionId)
  }

  changed(sessionId: string): void {
    for (const watcher of this.#watchers.get(sessionId) ?? []) watcher()
  }

  isAttached(sessionId: string): boolean {
    return this.#attached.has(sessionId)
  }

  seenAt(session: { id: string; seenAt: number }, now: number): number {
    if (this.isAttached(session.id)) return now
    const seen = this.#seen.get(session.id)
    return seen === undefined ? session.seenAt : Math.max(session.seenAt, now - (performance.now() - seen))
  }

  /** Calls back whenever the session's facts are new. Returns the way to stop it. */
  watch(sessionId: string, watcher: () => void): () => void {
    const watchers = this.#watchers.get(sessionId) ?? new Set()
    this.#watchers.set(sessionId, watchers.add(watcher))
    return () => {
      if (watchers.delete(watcher) && watchers.size === 0) this.#watchers.delete(sessionId)
    }
  }

  /** A client that attaches while its session is being ended must find it ended. */
  async settled(sessionId: string): Promise<void> {
    await this.#ending.get(sessionId)
  }

  /** The session is there until the returned function is called, once for each attachment. */
  attach(sessionId: string): () => void {
    clearTimeout(this.#leaving.get(sessionId))
    this.#leaving.delete(sessionId)
    this.#attached.set(sessionId, (this.#attached.get(sessionId) ?? 0) + 1)
    this.touch(sessionId)
    let isAttached = true
    return () => {
      if (isAttached) this.#detach(sessionId)
      isAttached = false
    }
  }

  /** Writes the signs of life since the last time. Those attached show one all the time. */
  async flush(): Promise<void> {
    const ids = [...new Set([...this.#unwritten, ...this.#attached.keys()])]
    this.#unwritten.clear()
    const startedAt = performance.now()
    for (let i = 0; i < ids.length; i += BATCH) {
      await this.#store.commit([{ kind: 'touch', ids: ids.slice(i, i + BATCH) }])
    }
    // From here on the store knows better.
    for (const id of ids) {
      if ((this.#seen.get(id) ?? 0) <= startedAt) this.#seen.delete(id)
    }
  }

  async close(): Promise<void> {
    this.beginClosing()
    await Promise.all(this.#ending.values())
    await this.flush()
  }

  /** From now on streams that close say nothing about their sessions. */
  beginClosing(): void {
    this.#isClosing = true
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
  }

  #detach(sessionId: string): void {
    this.touch(sessionId)
    const left = this.#attached.get(sessionId)! - 1
    if (left > 0) {
      this.#attached.set(sessionId, left)
      return
    }
    this.#attached.delete(sessionId)
    if (this.#isClosing) return
    this.#leaving.set(sessionId, setTimeout(() => this.#leave(sessionId), this.#graceMs).unref())
  }

  #leave(sessionId: string): void {
    this.#leaving.delete(sessionId)
    const ending = this.#end(sessionId).finally(() => this.#ending.delete(sessionId))
    this.#ending.set(sessionId, ending)
  }
}
