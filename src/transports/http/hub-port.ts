import type { Caller } from '../../bus/access.ts'
import type { PlaceName } from '../../bus/limits.ts'
import type { StoreInspection } from '../../bus/store-reads.ts'
import type { Sink } from '../../delivery/live-stream.ts'
import type { WrittenFilter } from '../../operations/event-filter.ts'
import type { Patience } from '../../operations/operation.ts'

/** A request in progress, whose waiting can be ended. */
export interface Abortable {
  abort(reason: unknown): void
}

/** What the HTTP door needs from the hub that it opens into. */
export interface HubPort {
  readonly version: string
  invoke(request: {
    readonly operation: string
    readonly input: unknown
    readonly caller: Caller
    readonly key?: string
    readonly patience: Patience
  }): Promise<unknown>
  callerOf(credential: string): Promise<Caller | undefined>
  /** Throws where the caller is a session that has ended: its credential is good for `register` alone. */
  requireAlive(caller: Caller): Promise<void>
  /** Throws where the caller has as many of these open as it may. Gives the way to free the place. */
  takePlace(caller: Caller, name: PlaceName): () => void
  openStream(caller: Caller, wanted: StreamRequest, sink: Sink): Promise<void>
  describe(): Promise<HubDescription>
  checkStore(): Promise<StoreInspection>
  /** Begins a clean stop. */
  stop(): void
  /** Requests in progress; a stop aborts their waiting and lets them finish. */
  readonly running: { add(request: Abortable): void; delete(request: Abortable): void }
  readonly metrics: {
    observe(operation: string, outcome: string, seconds: number): void
    text(): Promise<string>
    readonly contentType: string
  }
  readonly mcp: { fetch(request: Request, caller: Caller): Promise<Response> }
  /** A fault of ours, for the log. */
  report(error: unknown): void
}

export interface StreamRequest {
  readonly after: number | undefined
  readonly filter: WrittenFilter
  /** Only what the calling session's inbox would get. */
  readonly mine: boolean
  /** The calling session is there as long as this stream is open. */
  readonly attach: boolean
  /** Also what becomes of the events that pass, and what else is done, as it happens. */
  readonly receipts: boolean
}

interface HubDescription {
  readonly version: string
  readonly pid: number
  readonly started_at: string
  readonly url: string
  readonly socket: string
  /** The configured port, where another program holds it. */
  readonly taken_port: number | null
  readonly store: { readonly kind: string; readonly live_sessions: number } & Readonly<Record<string, string | number>>
  readonly streams: number
  /** How far the store's clock is ahead of this machine's; negative: behind. */
  readonly clock_ahead_ms: number
}
