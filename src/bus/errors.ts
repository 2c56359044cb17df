import { retold, type Words } from './say.ts'

/**
 * The one registry of errors. Every refusal the bus can give has a stable code here, with what each door turns it
 * into: an HTTP status, a JSON-RPC code, a process exit code. A door translates; it never invents.
 *
 * Exit codes: 1 unexpected, 2 bad input, 3 refused by the present state (a conflict), 4 not found, 5 not allowed,
 * 6 hub or store away, 7 nothing arrived in time.
 * JSON-RPC codes: -32602 is the specification's "invalid params"; the others lie in its implementation range.
 */
export const ERRORS = {
  invalid_input: { status: 400, rpc: -32602, exit: 2, meaning: 'A field is missing, malformed or out of its limits.' },
  unknown_operation: { status: 404, rpc: -32602, exit: 2, meaning: 'There is no operation of this name.' },
  too_large: {
    status: 413,
    rpc: -32602,
    exit: 2,
    meaning: 'The body or a field is larger than its limit.',
    tellsOfOthers: true,
  },
  unauthenticated: { status: 401, rpc: -32001, exit: 5, meaning: 'No credential came, or it is unknown or revoked.' },
  forbidden: { status: 403, rpc: -32003, exit: 5, meaning: 'The credential is good, but it may not do this.' },
  session_required: { status: 403, rpc: -32003, exit: 5, meaning: 'Only a registered session can do this.' },
  session_ended: { status: 410, rpc: -32004, exit: 4, meaning: 'This session has ended; register again to go on.' },
  not_found: {
    status: 404,
    rpc: -32004,
    exit: 4,
    meaning: 'There is no such event, key, claim, session or token.',
    tellsOfOthers: true,
  },
  unknown_recipient: {
    status: 404,
    rpc: -32004,
    exit: 4,
    meaning: 'Nobody on the bus has this address.',
    tellsOfOthers: true,
  },
  stale_version: {
    status: 409,
    rpc: -32009,
    exit: 3,
    meaning: 'The entry has another version than the expected one.',
    tellsOfOthers: true,
  },
  not_appendable: {
    status: 409,
    rpc: -32009,
    exit: 3,
    meaning: 'The present value cannot be appended to.',
    tellsOfOthers: true,
  },
  claim_held: {
    status: 409,
    rpc: -32009,
    exit: 3,
    meaning: 'Another session holds a claim that meets this one.',
    tellsOfOthers: true,
  },
  stale_token: {
    status: 409,
    rpc: -32009,
    exit: 3,
    meaning: 'The fencing token is not the one in force.',
    tellsOfOthers: true,
  },
  limit_reached: { status: 429, rpc: -32009, exit: 3, meaning: 'The caller has as many of these as one may have.' },
  rate_limited: { status: 429, rpc: -32009, exit: 3, meaning: 'The caller makes more of these a minute than one may.' },
  identity_taken: {
    status: 409,
    rpc: -32009,
    exit: 3,
    meaning: 'The name or identity is taken at this very moment.',
    tellsOfOthers: true,
  },
  key_reused: { status: 422, rpc: -32602, exit: 2, meaning: 'The idempotency key was used for another request.' },
  bad_cursor: { status: 409, rpc: -32009, exit: 3, meaning: 'The cursor lies past the newest event, or moves back.' },
  hub_unavailable: { status: 503, rpc: -32005, exit: 6, meaning: 'The hub cannot be reached or started.' },
  unsafe_place: { status: 503, rpc: -32003, exit: 5, meaning: 'Another user owns, or can use, a place of the home.' },
  connect_denied: {
    status: 503,
    rpc: -32005,
    exit: 6,
    meaning: 'The system lets this process not connect to the hub.',
  },
  store_unavailable: { status: 503, rpc: -32005, exit: 6, meaning: 'The store cannot take or read this now.' },
  store_full: {
    status: 507,
    rpc: -32005,
    exit: 6,
    meaning: 'The disk that holds the store is full, or the quota on it is used up.',
  },
  timed_out: { status: 504, rpc: -32006, exit: 7, meaning: 'No answer came in time.' },
  internal: { status: 500, rpc: -32603, exit: 1, meaning: 'A fault in Switchboard itself.' },
} as const satisfies Record<string, ErrorEntry>

interface ErrorEntry {
  readonly status: number
  readonly rpc: number
  readonly exit: number
  readonly meaning: string
  /** Whether it may say what others wrote, or how much: then a caller that may not read gets the meaning alone. */
  readonly tellsOfOthers?: true
}

export type ErrorCode = keyof typeof ERRORS

/** What a refusal looks like on every door. */
export interface ErrorBody {
  readonly code: ErrorCode
  /** What was expected and what came. */
  readonly message: string
  /** What to do next. */
  readonly next?: string
  /** Facts for programs, e.g. the holder of a claim. */
  readonly details?: Record<string, unknown>
}

/**
 * A refusal. Its texts reach models and people, so they are words of ours as they stand in the source, or put together by
 * `say`, which quotes what others chose: the type parameters are there to tell them from any other string. `details` are
 * data, and are made safe where they are shown.
 */
export class BusError<const M extends string = string, const N extends string = string> extends Error {
  readonly code: ErrorCode
  readonly next: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    message: Words<M>,
    more: { next?: Words<N>; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(String(message), more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'BusError'
    this.code = code
    this.next = more.next === undefined ? undefined : String(more.next)
    this.details = more.details
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.next === undefined ? {} : { next: this.next }),
      ...(this.details === undefined ? {} : { details: this.details }),
    }
  }

  static from({ code, message, next, ...more }: ErrorBody): BusError {
    return new BusError(code in ERRORS ? code : 'internal', retold(message), {
      ...(next === undefined ? {} : { next: retold(next) }),
      ...more,
    })
  }
}
