import type { EditBoard } from '../bus/edit-board.ts'
import type { Rates } from '../bus/rates.ts'
import type { Session } from '../bus/session.ts'
import type { IdempotencyKey } from '../bus/store.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import type { WakeBudget } from '../bus/wake-budget.ts'

/** What operations run on: the store, and what only a running hub knows. Time, chance and secrets come from here. */
export interface Bus {
  /** For reading: an operation changes it by `call.commit`. */
  readonly store: StoreReads
  readonly presence: PresenceBoard
  readonly edits: EditBoard
  readonly wakes: WakeBudget
  readonly rates: Rates
  /** Never jumps: for what is allowed by the minute. */
  steadyMs(): number
  /** What to do about an edit of a file that another session has claimed, in this repo. */
  onClaimedEdit(area: string): 'warn' | 'ask' | 'deny'
  /** The machine of callers that do not say theirs. */
  readonly machine: string
  readonly version: string
  newSessionId(): string
  /** In [0, 1). */
  random(): number
  /** With a key, the same as before with that key: a call whose answer was lost is answered again. */
  newTokenSecret(key?: Pick<IdempotencyKey, 'scope' | 'key'>): string
  /** The secret by which a session speaks for itself; the same each time it is asked for. */
  sessionCredential(session: Pick<Session, 'id' | 'readmissions'>): string
  /** SHA-256, hex. */
  digest(text: string): string
  /** Tells texts apart where nobody gains by making two look alike. */
  checksum(text: string): string
  /** Resolves to true with the next event of the log, to false after `ms` or on abort. Rejects when the hub stops. */
  nextEvent(ms: number, signal: AbortSignal): Promise<boolean>
}

/** Signs of life between two writes of them to the store. */
export interface PresenceBoard {
  touch(sessionId: string): void
  /** The session's facts have changed: streams that filter by its channels read them again. */
  changed(sessionId: string): void
  /** Whether a stream of the session's own process is open. */
  isAttached(sessionId: string): boolean
  /** The later of what the store says and what was noticed since; a session with an open stream is seen now. */
  seenAt(session: { id: string; seenAt: number }, now: number): number
}
