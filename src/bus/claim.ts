import { defined } from './defined.ts'
import { covers, pathsMeet } from './glob.ts'
import { LIMITS } from './limits.ts'
import { Steps } from './steps.ts'

/**
 * A claim says: this path or glob of this repo is being worked on by this session, until then. It is advisory for a
 * shell and enforced for edits that pass through hooks. Its fencing token grows with every change of holder, so that a
 * session that lost its claim without noticing is refused when it presents its old token.
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

/** A claim that a session takes now. */
export function newClaim(
  wished: Pick<Claim, 'area' | 'path' | 'sessionId' | 'ttlMs' | 'note' | 'foldsCase'>,
  token: number,
  now: number,
): Claim {
  const { area, path, sessionId, ttlMs, note, foldsCase } = wished
  const optional = defined({ note, foldsCase })
  return { area, path, sessionId, token, ...optional, claimedAt: now, ttlMs, expiresAt: now + ttlMs }
}

/** The same claim for another term. */
export function renewClaim(claim: Claim, now: number, ttlMs = claim.ttlMs): Claim {
  return { ...claim, ttlMs, expiresAt: now + ttlMs }
}

/** Whether less than half of its term is left. */
export function isDueForRenewal({ expiresAt, ttlMs }: Claim, now: number): boolean {
  return expiresAt - now < ttlMs / 2
}

export const DEFAULT_CLAIM_TTL_SECONDS = 1_800

/** What of a claim decides whether it is in the way of another one, or of an edit. */
export type Claimed = Pick<Claim, 'path' | 'foldsCase'>

/** Whether some file could lie on both. Letter case counts only where it does on both disks. */
export function claimsMeet(a: Claimed, b: Claimed, steps: Steps): boolean {
  const fold = foldOf(a, b, steps)
  return pathsMeet(fold(a.path), fold(b.path), steps)
}

/** Whether a claim covers this file: one that is being edited, so that nothing lies beneath it. */
function claimCovers(claim: Claimed, file: Claimed, steps: Steps): boolean {
  const fold = foldOf(claim, file, steps)
  return covers(fold(claim.path), fold(file.path), steps)
}

function foldOf(a: Claimed, b: Claimed, steps: Steps): (path: string) => string {
  if (!a.foldsCase && !b.foldsCase) return path => path
  // Where there are no steps left nobody looks at the path any more.
  return path => (steps.take(path.length) ? foldCase(path) : path)
}

/** Upper case first: `ß` and the two small sigmas have several lower forms. */
export function foldCase(path: string): string {
  return path.toUpperCase().toLowerCase()
}

export interface ClaimQuery {
  readonly area?: string
  readonly sessionId?: string
  /** Leaves this session's out. */
  readonly notSessionId?: string
  /** Only those that meet this claim. */
  readonly meets?: Claimed
  /** Only those that cover this file. */
  readonly covers?: Claimed
  readonly limit: number
}

/**
 * Says of one claim after the other whether the query means it. All of them together have one budget of steps, and where
 * it is used up the next ones pass: who asks is refused or asked to look, and never told that a path is free.
 */
export function claimTest({ meets, covers }: Pick<ClaimQuery, 'meets' | 'covers'>): (claim: Claimed) => boolean {
  const steps = new Steps(LIMITS.matchSteps)
  return claim =>
    (meets === undefined || claimsMeet(claim, meets, steps)) &&
    (covers === undefined || claimCovers(claim, covers, steps))
}
