/**
 * Who is calling, and what that caller may do. The answer comes from the credential alone, never from an argument.
 */
export const SCOPES = ['read', 'publish', 'terminal', 'permissions', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** What a token for another machine or a script may do unless its maker says otherwise. */
export const DEFAULT_TOKEN_SCOPES: readonly Scope[] = ['read', 'publish']

/** What a session may do on its own behalf. Administration stays with the person. */
export const SESSION_SCOPES: readonly Scope[] = ['read', 'publish', 'terminal']

/** How far a reader may believe a sender: set from credentials by the hub, never from the text. */
export type Trust = 'operator' | 'peer' | 'system'

/** The human has a place on the bus like any session: an inbox, claims, state. */
export const OPERATOR_ID = 'operator'

/**
 * `operator` holds the user's own credential; `session` speaks as exactly one session; `token` is a script or another
 * machine that has not registered a session (it may publish under its token's name).
 */
export interface Caller {
  readonly kind: 'operator' | 'session' | 'token'
  /** `operator`, a session id, or `token:<name>`: the sender of what this caller publishes. */
  readonly id: string
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  /** Sessions registered with a token live on the machine that the token was made for. */
  readonly machine?: string
}

export function trustOf(senderId: string): Trust {
  if (senderId === OPERATOR_ID) return 'operator'
  return senderId === 'system' ? 'system' : 'peer'
}
