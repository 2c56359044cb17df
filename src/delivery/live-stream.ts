import { type EventFilter, type Filtered, passes } from '../bus/event.ts'
import type { Store } from '../bus/store.ts'
import type { Encoder } from './encoder.ts'
import type { Ring } from './ring.ts'

/** Where a stream's bytes go. */
export interface Sink {
  /** Takes bytes. False: taken, but no more until it has drained. */
  write(bytes: Uint8Array): boolean
  /** Says whom to tell that there is room again, or that the reader has gone (at once, where it has already). */
  tell(reader: { drained(): void; gone(): void }): void
  /** Says good-bye and lets go. */
  end(farewell: Uint8Array): void
}

/**
 * Events read from the store at once while catching up. Few, because what a slow reader's socket does not take is
 * dropped and read again.
 */
const CATCH_UP_EVENTS = 64
const CATCH_UP_CHARS = 128 * 1024

/**
 * One reader of the log. It owns a cursor and nothing else: what its socket does not take stays in ring or store, so a
 * reader that never reads costs its socket's buffer and no more.
 *
 *   starting ──▶ catching up (store) ⇄ live (ring)
 *                    │  ▲                 │  ▲
 *                    ▼  │ drained         ▼  │ drained
 *                         full: nothing is read or queued
 *
 * A stream that is woken while busy reads once more before it rests, so no event is missed between two states.
 */
export class LiveStream {
  readonly #store: Store
  readonly #ring: Ring
  readonly #encode: Encoder
  readonly #sink: Sink
  readonly #loadFilter: () => Promise<EventFilter>
  readonly #onClose: (stream: LiveStream, error?: unknown) => void
  #filter: EventFilter = {}
  #isFilterStale = true
  #cursor = 0
  /** Prunings up to here have been told to the reader. */
  #toldPruned = 0
  #isBusy = true
  #isFull = false
  #isClosed = false
  readonly wantsReceipts: boolean
  sent = 0

  constructor(options: {
    wantsReceipts: boolean
    store: Store
    ring: Ring
    encode: Encoder
    sink: Sink
    filter: () => Promise<EventFilter>
    onClose: (stream: LiveStream, error?: unknown) => void
  }) {
    this.wantsReceipts = options.wantsReceipts
    this.#store = options.store
    this.#ring = options.ring
    this.#encode = options.encode
    this.#sink = options.sink
    this.#loadFilter = options.filter
    this.#onClose = options.onClose
  }

  /** Says hello, then replays what came after `after`. A cursor that lies in the future is one of another log. */
  begin(after: number | undefined, bounds: { oldest: number; newest: number; prunedUpTo: number }): void {
    this.#sink.tell({ drained: () => this.#drained(), gone: () => this.close() })
    if (this.#isClosed) return
    this.#write(this.#encode.ready(bounds.newest))
    this.#cursor = after ?? bounds.newest
    this.#toldPruned = after === undefined ? bounds.prunedUpTo : 0
    if (this.#cursor > bounds.newest) {
      this.#write(this.#encode.reset(bounds))
      this.#cursor = 0
      this.#toldPruned = bounds.prunedUpTo
    }
    void this.#run()
  }

  /** There may be something new. */
  wake(): void {
    if (this.#isBusy || this.#isFull || this.#isClosed) return
    if (!this.#isFilterStale && this.#serveFromRing()) return
    this.#isBusy = true
    void this.#run()
  }

  /** What the reader wants has changed: no further event is judged by the old filter. */
  refilter(): void {
    this.#isFilterStale = true
    this.wake()
  }

  /** What became of an event, or what else was done, for a reader that asked for it. One that has no room misses it. */
  tellBeside(event: Filtered, bytes: Uint8Array): void {
    if (this.wantsReceipts && !this.#isFull && !this.#isClosed && passes(event, this.#filter)) this.#write(bytes)
  }

  #drained(): void {
    this.#isFull = false
    this.wake()
  }

  /** Shows the reader that the hub is there, unless there is no room for it. */
  keepAlive(): void {
    if (!this.#isFull && !this.#isClosed) this.#write(this.#encode.keepAlive)
  }

  close(error?: unknown): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#sink.end(this.#encode.farewell)
    this.#onClose(this, error)
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isClosed && !this.#isFull) {
        if (this.#isFilterStale) {
          this.#isFilterStale = false
          this.#filter = await this.#loadFilter()
        } else if (this.#serveFromRing()) {
          return
        } else {
          await this.#serveFromStore()
        }
      }
    } catch (error) {
      this.close(error)
    } finally {
      this.#isBusy = false
    }
  }

  #serveFromRing(): boolean {
    const frames = this.#ring.after(this.#cursor)
    if (frames === undefined) return false
    for (const { event, bytes } of frames) {
      if (this.#isFull || this.#isClosed) return true
      this.#cursor = event.id
      if (passes(event, this.#filter)) this.#send(bytes)
    }
    return true
  }

  async #serveFromStore(): Promise<void> {
    const head = this.#ring.head
    const { events, more } = await this.#store.events({
      ...this.#filter,
      after: this.#cursor,
      order: 'asc',
      limit: CATCH_UP_EVENTS,
      maxChars: CATCH_UP_CHARS,
    })
    // Asked after the read: a pruning in between is then noticed, if need be once too often.
    const bounds = await this.#store.bounds()
    if (this.#isClosed) return
    if (bounds.prunedUpTo > Math.max(this.#cursor, this.#toldPruned)) {
      this.#toldPruned = bounds.prunedUpTo
      this.#write(this.#encode.reset(bounds))
    }
    for (const event of events) {
      if (this.#isFull) return
      this.#cursor = event.id
      this.#send(this.#encode.event(event))
    }
    // Nothing else up to the ring's head passes the filter.
    if (!more) this.#cursor = Math.max(this.#cursor, head)
  }

  #send(bytes: Uint8Array): void {
    this.sent++
    this.#write(bytes)
  }

  #write(bytes: Uint8Array): void {
    if (!this.#sink.write(bytes)) this.#isFull = true
  }
}
