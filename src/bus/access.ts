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
  /** Where its authority comes from: the operator, or the token with this id. A session has that of its registrar. */
  readonly grantor: string
  /** Sessions registered with a token live on the machine that the token was made for. */
  readonly machine?: string
}

/** Of the credential itself: unlike what its caller sends as, no later token of the same name has it again. */
export function credentialId(caller: Caller): string {
  return caller.kind === 'session' ? caller.id : caller.grantor
}

/** On whose authority something is changed, and which scope it takes. The operator's is always good, so it needs none. */
export interface Authority {
  readonly kind: 'session' | 'token'
  /** Of the session or the token. */
  readonly id: string
  readonly scope: Scope
  /** A session that has ended may come back, and nothing else. */
  readonly mayHaveEnded?: boolean
}

export function authorityOf(caller: Caller, scope: Scope, mayHaveEnded = false): Authority | undefined {
  if (caller.kind === 'operator') return undefined
  return { kind: caller.kind, id: credentialId(caller), scope, mayHaveEnded }
}

/** Why an authority is good no more: its credential was revoked, its session has ended, or the scope was taken from it. */
export type Lapse = 'revoked' | 'ended' | 'narrowed'

/**
 * Undefined while it is good, by what the store knows at this moment: the session that the authority names, if it is a
 * session's, and the token that it comes from, if that is no token revoked since.
 */
export function lapseOf(
  { kind, scope, mayHaveEnded }: Authority,
  session: { readonly grantor: string; readonly hasEnded: boolean } | undefined,
  token: { readonly scopes: readonly Scope[] } | undefined,
): Lapse | undefined {
  if (kind === 'session' && session === undefined) return 'revoked'
  const isOperators = session?.grantor === OPERATOR_ID
  if (!isOperators && token === undefined) return 'revoked'
  if (session?.hasEnded && !mayHaveEnded) return 'ended'
  return isOperators || token?.scopes.includes(scope) ? undefined : 'narrowed'
}

/** What a session may do whose grantor is the operator, or a token with these scopes: never more than its grantor. */
export function sessionScopes(ofToken?: readonly Scope[]): ReadonlySet<Scope> {
  return ofToken === undefined ? OF_A_SESSION : new Set(SESSION_SCOPES.filter(scope => ofToken.includes(scope)))
}
const OF_A_SESSION: ReadonlySet<Scope> = new Set(SESSION_SCOPES)

export function trustOf(senderId: string): Trust {
  if (senderId === OPERATOR_ID) return 'operator'
  return senderId === 'system' ? 'system' : 'peer'
}
