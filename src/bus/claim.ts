/**
 * A claim says: this path or glob of this repo is being worked on by this session, until then. It is advisory for a
 * shell and enforced for edits that pass through hooks. Its fencing token grows with every change of hands, so that
 * whoever lost a claim without noticing is refused when it presents its old token.
 */
export interface Claim {
  /** A repo (all worktrees are one), or `machine:<name>` for paths outside any repo. */
  readonly area: string
  /** Relative to the repo's top, with forward slashes; absolute in a machine area. May be a glob. */
  readonly path: string
  readonly sessionId: string
  readonly token: number
  readonly note?: string
  readonly claimedAt: number
  /** How long it lasts from its last renewal. */
  readonly ttlMs: number
  readonly expiresAt: number
}

export const DEFAULT_CLAIM_TTL_SECONDS = 1_800
