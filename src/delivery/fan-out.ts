import type { Change } from '../bus/change.ts'
import { BusError } from '../bus/errors.ts'
import type { EventFilter, StoredEvent } from '../bus/event.ts'
import type { ReceiptChange } from '../bus/receipt.ts'
import type { Store } from '../bus/store.ts'
import { Arrivals } from './arrivals.ts'
import type { Encoder } from './encoder.ts'
import { LiveStream, type Sink } from './live-stream.ts'
import { Ring } from './ring.ts'

/** Events that one wake reads at once. */
const READ_EVENTS = 256

/** Below the minute after which proxies and clients begin to give a silent connection up. */
const KEEP_ALIVE_MS = 15_000

/**
 * Live streams over the log. What the store says was appended is passed on where it follows on what is known; where it
 * does not, the store's word is a hint, and one cursor read per wake, shared by all streams, is the truth. Nothing is
 * read while nobody listens, and nothing is polled.
 */
export class FanOut {
  readonly arrivals = new Arrivals()
  readonly #store: Store
  readonly #encode: Encoder
  readonly #onError: (error: unknown) => void
  readonly #ring = new Ring()
  readonly #streams = new Set<LiveStream>()
  readonly #stopListening: () => void
  readonly #keepAlive: NodeJS.Timeout
  #isFollowing = false
  #isReading = false
  #isHinted = false
  #wake: NodeJS.Immediate | undefined
  #isClosed = false
  #sentByClosed = 0

  constructor(options: { store: Store; encode: Encoder; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#encode = options.encode
    this.#onError = options.onError
    const stops = [
      this.#store.onAppend(events => this.#appended(events)),
      this.#store.onReceipts(changes => void this.#tellReceipts(changes)),
      this.#store.onChanges(changes => void this.#tellChanges(changes)),
    ]
    this.#stopListening = () => {
      for (const stop of stops) stop()
    }
    this.#keepAlive = setInterval(() => {
      for (const stream of this.#streams) stream.keepAlive()
    }, KEEP_ALIVE_MS).unref()
  }

  get size(): number {
    return this.#streams.size
  }

  /** Events written to streams since the start. */
  get sent(): number {
    let sent = this.#sentByClosed
    for (const stream of this.#streams) sent += stream.sent
    return sent
  }

  /**
   * Opens a stream of what comes after `after`, or of what only comes. The stream is subscribed before the log's end
   * is looked up, so that nothing falls between replay and live. `filter` is asked again at each `refilter()`.
   */
  async open(options: {
    after: number | undefined
    filter: () => Promise<EventFilter>
    sink: Sink
    /** Also what becomes of the events that pass the filter, and what else is done, while it is open. */
    wantsReceipts?: boolean
    onClose: () => void
  }): Promise<LiveStream> {
    if (this.#isClosed) throw new BusError('hub_unavailable', 'the hub stops')
    const stream = new LiveStream({
      wantsReceipts: options.wantsReceipts ?? false,
      store: this.#store,
      ring: this.#ring,
      encode: this.#encode,
      sink: options.sink,
      filter: options.filter,
      onClose: (closed, error) => {
        this.#forget(closed)
        options.onClose()
        if (error !== undefined) this.#onError(error)
      },
    })
    this.#streams.add(stream)
    try {
      const bounds = await this.#store.bounds()
      this.#follow(bounds.newest)
      stream.begin(options.after, bounds)
    } catch (error) {
      stream.close()
      throw error
    }
    return stream
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
    clearInterval(this.#keepAlive)
    clearImmediate(this.#wake)
    this.arrivals.close()
    for (const stream of [...this.#streams]) stream.close()
  }

  #follow(newest: number): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    this.#ring.restart(newest)
    if (this.#isHinted) this.#scheduleRead()
  }

  #forget(stream: LiveStream): void {
    this.#streams.delete(stream)
    this.#sentByClosed += stream.sent
    if (this.#streams.size > 0) return
    this.#isFollowing = false
    this.#ring.restart(this.#ring.head)
  }

  /** Nothing is looked up while nobody asks for receipts. */
  async #tellReceipts(changes: readonly ReceiptChange[]): Promise<void> {
    try {
      for (const { sessionId, ...change } of changes) {
        const readers = [...this.#streams].filter(stream => stream.wantsReceipts)
        if (readers.length === 0) return
        const [event, session] = [await this.#store.event(change.eventId), await this.#store.session(sessionId)]
        if (event === undefined || session === undefined) continue
        const bytes = this.#encode.receipt({ ...change, session: session.name, at: await this.#store.now() })
        for (const reader of readers) reader.tellBeside(event, bytes)
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  async #tellChanges(changes: readonly Change[]): Promise<void> {
    try {
      for (const { senderId, senderName, ...change } of changes) {
        const readers = [...this.#streams].filter(stream => stream.wantsReceipts)
        if (readers.length === 0) return
        const from = senderName ?? (await this.#store.session(senderId))?.name ?? senderId
        const bytes = this.#encode.change({ ...change, from, at: await this.#store.now() })
        // It has no place in the log.
        for (const reader of readers) reader.tellBeside({ ...change, senderId, id: 0 }, bytes)
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  #appended(events: readonly StoredEvent[]): void {
    this.arrivals.announce()
    // After all that waited for the same transaction has run: its publishers have their answers, and a session that
    // changed its channels in that transaction gets the events of the new ones.
    if (this.#streams.size > 0) process.nextTick(() => this.#pass(events))
  }

  /** What does not follow on what is known is read. */
  #pass(events: readonly StoredEvent[]): void {
    if (this.#isClosed) return
    try {
      if (this.#isFollowing && events[0]?.id === this.#ring.head + 1) this.#tell(events)
      else {
        this.#isHinted = true
        this.#scheduleRead()
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  #tell(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (event.id > this.#ring.head) this.#ring.push({ event, bytes: this.#encode.event(event) })
    }
    for (const stream of this.#streams) stream.wake()
  }

  /** Once the present turn is over, so that many hints become one read. */
  #scheduleRead(): void {
    if (this.#wake !== undefined || this.#isReading || !this.#isFollowing || this.#isClosed) return
    this.#wake = setImmediate(() => {
      this.#wake = undefined
      void this.#read()
    })
  }

  async #read(): Promise<void> {
    this.#isReading = true
    try {
      while (this.#isHinted && this.#isFollowing && !this.#isClosed) {
        this.#isHinted = false
        const page = { after: this.#ring.head, order: 'asc', limit: READ_EVENTS } as const
        const { events, more } = await this.#store.events(page)
        if (more) this.#isHinted = true
        this.#tell(events)
      }
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#isReading = false
    }
  }
}
