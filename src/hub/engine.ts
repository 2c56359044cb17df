import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Caller } from '../bus/access.ts'
import { EditBoard } from '../bus/edit-board.ts'
import { BusError } from '../bus/errors.ts'
import { type PlaceName, SHARES } from '../bus/limits.ts'
import { OpenPlaces } from '../bus/open-places.ts'
import { Rates } from '../bus/rates.ts'
import { say } from '../bus/say.ts'
import { ENDED } from '../bus/session.ts'
import { shareOf } from '../bus/share.ts'
import type { Store } from '../bus/store.ts'
import { WakeBudget } from '../bus/wake-budget.ts'
import { FanOut } from '../delivery/fan-out.ts'
import type { Bus } from '../operations/bus.ts'
import { limitReached } from '../operations/commit.ts'
import { invoke, type Request, type WritableBus } from '../operations/invoke.ts'
import { createMetrics } from '../transports/http/metrics.ts'
import { sseEncoder } from '../transports/http/sse.ts'
import type { Credentials } from './credentials.ts'
import { hexDigest } from './credentials.ts'
import { endSession } from './departures.ts'
import { storeFigures } from './figures.ts'
import { Presence } from './presence.ts'
import { Running } from './running.ts'
import { newSessionId } from './session-id.ts'
import { Streams } from './streams.ts'

/** The bus on its store, without any door: operations, streams, presence and what is counted of them. */
export class Engine {
  readonly bus: WritableBus
  readonly presence: Presence
  readonly fanOut: FanOut
  readonly streams: Streams
  readonly running = new Running()
  readonly metrics: ReturnType<typeof createMetrics>
  readonly #onFault: (error: unknown) => void
  readonly #places = new OpenPlaces()
  readonly #reported = new WeakSet<object>()

  constructor(options: {
    store: Store
    credentials: Credentials
    machine: string
    version: string
    steadyMs: () => number
    onClaimedEdit: Bus['onClaimedEdit']
    /** Told of whatever no caller is to blame for. */
    onFault: (error: unknown) => void
  }) {
    const { store, credentials, machine, version } = options
    this.#onFault = options.onFault
    this.fanOut = new FanOut({ store, encode: sseEncoder(version), onError: error => this.report(error) })
    this.presence = new Presence({ store, end: sessionId => this.#leave(sessionId) })
    this.streams = new Streams({ store, fanOut: this.fanOut, presence: this.presence })
    this.bus = {
      store,
      presence: this.presence,
      edits: new EditBoard(),
      wakes: new WakeBudget(),
      rates: new Rates(),
      steadyMs: options.steadyMs,
      onClaimedEdit: options.onClaimedEdit,
      machine,
      version,
      newSessionId,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      newTokenSecret: credentials.newTokenSecret,
      sessionCredential: credentials.sessionCredential,
      digest: hexDigest,
      checksum: text => crc32(text).toString(36),
      nextEvent: (ms, signal) => this.fanOut.arrivals.next(ms, signal),
    }
    store.onAuthority(ids => {
      for (const id of ids) this.streams.closeOf(id)
    })
    this.metrics = createMetrics(async () => ({
      streams: this.fanOut.size,
      streamEvents: this.fanOut.sent,
      store: await storeFigures(store),
    }))
  }

  async invoke(request: Request): Promise<unknown> {
    try {
      return await invoke(this.bus, request)
    } catch (error) {
      this.report(error)
      throw error
    }
  }

  takePlace(caller: Caller, name: PlaceName): () => void {
    const free = this.#places.take(caller, name)
    if (free !== undefined) return free
    throw limitReached(shareOf(caller, name)!.max, say(SHARES[name].what), say('Wait until one of yours has ended.'), 1)
  }

  /** Refusals are answers. Every other error goes once into the log of the hub. */
  report(error: unknown): void {
    if (typeof error === 'object' && error !== null) {
      if (this.#reported.has(error)) return
      this.#reported.add(error)
    }
    if (!(error instanceof BusError) || error.code.startsWith('store_') || error.code === 'internal') {
      this.#onFault(error)
    }
  }

  async close(): Promise<void> {
    this.fanOut.close()
    await this.presence.close()
  }

  async #leave(sessionId: string): Promise<void> {
    try {
      await endSession(this.bus.store, sessionId, ENDED.connectionClosed)
    } catch (error) {
      this.report(error)
    }
  }
}
