import type { Event, Level } from '../bus/event.ts'
import type { ReceiptState } from '../bus/receipt.ts'
import type { InputOf, OperationName, OutputOf } from '../operations/index.ts'

export interface ConnectOptions {
  /** `unix:/path` or `http(s)://…`. Default: `SWITCHBOARD_URL`, else the socket of this home. */
  readonly url?: string
  /** Default: `SWITCHBOARD_TOKEN`, else the user's own credential of this home. */
  readonly credential?: string
  /** Whether to start a hub where none answers. Default: for a local socket yes, else no. */
  readonly startHub?: boolean
  /** How long a hub that is away is tried again before a call fails with `hub_unavailable`. Default: 10,000. */
  readonly deadlineMs?: number
  /**
   * How long a call may take in all, its answer included; then it fails with `timed_out`. One that waits by itself
   * (`wait_seconds`) gets a second more, so that its own end comes first. Default: as long as it takes, but a hub that
   * says nothing for 30,000 longer than the call waits counts as away.
   */
  readonly timeoutMs?: number
  /** Where the defaults come from. Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv
}

export interface CallOptions {
  /** Makes a retry the same call. Default: a fresh one per call, used for the retries inside it. */
  readonly key?: string
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
  /** How long the hub may be at work before it answers. Default: what `wait_seconds` says. */
  readonly waitMs?: number
}

export interface RequestOptions extends CallOptions {
  readonly body?: unknown
}

/**
 * Speaks to a hub. A hub that is away is waited for, up to the deadline, and every call carries an idempotency key, so
 * a call that was cut off happens once. All refusals are `BusError`s with a code of the registry.
 */
export interface Client {
  call<N extends OperationName>(name: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>
  /** Any other route, e.g. `GET /v1/hub`. Resolves with the parsed JSON, or with text where the answer is none. */
  request(method: 'GET' | 'POST', path: string, options?: RequestOptions): Promise<unknown>
  /** What happens on the bus, as it happens. Reconnects by itself and goes on after the last id it has given. */
  stream(filter?: StreamFilter): AsyncIterable<StreamItem>
  /** The same hub with another credential; shares the connections. */
  withCredential(credential: string): Client
  close(): Promise<void>
}

export interface StreamFilter {
  /** Begin after this id. Default: only what comes. */
  readonly after?: number
  readonly channel?: string
  readonly types?: readonly string[]
  readonly from?: string
  readonly thread?: string
  readonly minLevel?: Level
  /** Only what the calling session's inbox would get. */
  readonly mine?: boolean
  /** The calling session is there for as long as this stream is open. */
  readonly attach?: boolean
  /** Also what becomes of those events, and what is done with claims, state and sessions, as it happens. */
  readonly receipts?: boolean
  readonly signal?: AbortSignal
}

export interface ReceiptNews {
  readonly event_id: number
  readonly session: string
  readonly state: ReceiptState
  readonly route?: string
  readonly proof?: string
  readonly answered_by?: number
  readonly at: string
}

/** What somebody did that is no event: a claim, shared state, what a session is doing. `text` stands after the name. */
export interface ChangeNews {
  readonly type: string
  readonly channel: string
  readonly from: string
  readonly level: Level
  readonly text: string
  readonly at: string
}

export type StreamItem =
  /** The stream is open (again). `newest`: the last id given by then. */
  | { readonly kind: 'ready'; readonly newest: number; readonly version: string }
  | { readonly kind: 'event'; readonly event: Event }
  /** What became of an event that passes the filter; only as it happens, see `message_status` for the whole. */
  | { readonly kind: 'receipt'; readonly receipt: ReceiptNews }
  /** Comes with receipts; only as it happens, see `list_claims`, `list_state` and `list_sessions` for the whole. */
  | { readonly kind: 'change'; readonly change: ChangeNews }
  /** Events between the cursor and `oldest` are pruned: the stream goes on from there. */
  | { readonly kind: 'reset'; readonly oldest: number; readonly newest: number }
