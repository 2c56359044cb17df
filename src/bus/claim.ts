import { covers, pathsMeet } from './glob.ts'

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
  /** The disk that it was claimed on takes names that differ in letter case only for one name. */
  readonly foldsCase?: boolean
  readonly sessionId: string
  readonly token: number
  readonly note?: string
  readonly claimedAt: number
  /** How long it lasts from its last renewal. */
  readonly ttlMs: number
  readonly expiresAt: number
}

export const DEFAULT_CLAIM_TTL_SECONDS = 1_800

/** What of a claim decides whether it is in the way of another one, or of an edit. */
export type Claimed = Pick<Claim, 'path' | 'foldsCase'>

/** Whether some file could lie on both. Letter case counts only where it does on both disks. */
export function claimsMeet(a: Claimed, b: Claimed): boolean {
  const fold = foldOf(a, b)
  return pathsMeet(fold(a.path), fold(b.path))
}

/** Whether a claim covers this file: one that is being edited, so that nothing lies beneath it. */
export function claimCovers(claim: Claimed, file: Claimed): boolean {
  const fold = foldOf(claim, file)
  return covers(fold(claim.path), fold(file.path))
}

function foldOf(a: Claimed, b: Claimed): (path: string) => string {
  return a.foldsCase || b.foldsCase ? foldCase : path => path
}

/** Upper case first: `ß` and the two small sigmas have several lower forms. */
export function foldCase(path: string): string {
  return path.toUpperCase().toLowerCase()
}
