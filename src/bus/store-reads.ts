import type { Authority, Lapse } from './access.ts'
import type { Change } from './change.ts'
import type { Claim, ClaimQuery } from './claim.ts'
import type { EventFilter, StoredEvent } from './event.ts'
import type { Talk } from './loops.ts'
import type { Receipt, ReceiptChange } from './receipt.ts'
import type { Session } from './session.ts'
import type { StateAbout, StateEntry } from './state.ts'
import type { Token } from './token.ts'

/** What can be read from a store. */
export interface StoreReads {
  readonly kind: string

  /**
   * Calls back after commits that appended events, with these, the oldest first. It may come once for many commits, or
   * late, and with none of them where the store only knows that there are some: it is a hint, and to read on from one's
   * cursor is the truth. The events are the store's own and not to be changed. Returns the way to stop it.
   */
  onAppend(listener: (events: readonly StoredEvent[]) => void): () => void

  /**
   * Calls back after this store's commits with the receipts that they changed. A listener gets each change once and may
   * miss one: `receipts` is the truth. Returns the way to stop it.
   */
  onReceipts(listener: (changes: readonly ReceiptChange[]) => void): () => void

  /**
   * Calls back after this store's commits with what they changed besides the log and receipts (`change.ts`). A listener
   * gets each change once and may miss one. Returns the way to stop it.
   */
  onChanges(listener: (changes: readonly Change[]) => void): () => void

  /**
   * Calls back after this store's commits that ended an authority or made it less: with the ids of sessions that ended,
   * of tokens that were revoked or narrowed, and of a narrowed token's sessions. It comes before any event of a later
   * commit is told. Returns the way to stop it.
   */
  onAuthority(listener: (ids: readonly string[]) => void): () => void

  /** Milliseconds of the store's clock. */
  now(): Promise<number>

  session(id: string): Promise<Session | undefined>
  sessionOfClient(grantor: string, machine: string, clientId: string): Promise<Session | undefined>
  /**
   * The session with this id; where there is none, that with this codename; else all that bear or bore this name: those
   * still there first, then the last seen first. So nobody is found in the place of another by what it is called.
   */
  sessionsCalled(reference: string): Promise<Session[]>
  /** The last seen first. Ended sessions only where asked for. Those of the bus's own (`own-sessions.ts`) are none of them. */
  sessions(query: SessionQuery): Promise<Session[]>
  /** Repos, machines, roles or topics that some session has or had, in their order. */
  known(kind: 'repo' | 'machine' | 'role' | 'topic', limit: number): Promise<string[]>
  /** Whether any session, ended or not, follows this channel. */
  isFollowed(channel: string): Promise<boolean>
  /** Sessions that follow any of these channels and have not ended, in the order of registration. */
  followers(channels: readonly string[], limit: number): Promise<Session[]>
  /** Channels with how many sessions that have not ended follow each, in their order; those of single sessions are none. */
  channels(limit: number): Promise<{ channel: string; followers: number }[]>

  /** The first id still kept (0 in an empty log), the last id given, and the highest id that was ever pruned. */
  bounds(): Promise<{ oldest: number; newest: number; prunedUpTo: number }>
  event(id: number): Promise<StoredEvent | undefined>
  /** A page ends with its limit, or before the event that would make it longer than it may be; one is always given. */
  events(query: EventQuery): Promise<EventPage>

  /**
   * What lies unread for a session, oldest first: events on the channels that it follows, past its position there, or taken
   * over from another; not its own, not of level `lifecycle`, not held, not expired. Events under a running offer are left
   * out. `pending` counts what is unread in all, up to `LIMITS.pendingCount`. The messages are a page, as those of `events`
   * are. With `urgent`, the most urgent come first, and of those the oldest. With `maxBytes`, what takes more as JSON is
   * passed over, though counted: of as many as are counted, the first are looked at.
   */
  unread(
    sessionId: string,
    limit: number,
    first?: 'oldest' | 'urgent',
    maxBytes?: number,
  ): Promise<{ messages: StoredEvent[]; pending: number }>
  /** Mail of the session's own channel, and what it took over, that it has not read, leased or not. The oldest first, as a page. */
  unreadDirect(sessionId: string, limit: number): Promise<EventPage>
  /** Whether something was offered to this session and not yet confirmed. */
  hasOpenOffer(sessionId: string): Promise<boolean>
  /** Why this session says what it says next; undefined for an unknown one. */
  talk(sessionId: string): Promise<Talk | undefined>
  /** When the next unmarked event expires, or has expired. */
  nextExpiry(): Promise<number | undefined>
  /**
   * One per recipient: those with a history first, then those for whom it is merely stored; each by registration. Of those
   * who follow a group, the ones that have ended are no recipients, unless they had it before: nor where an event is held or
   * expires.
   */
  receipts(eventId: number, limit: number): Promise<Receipt[]>

  /** The present entry, or one version of its history; a deleted entry is undefined unless its version is asked for. */
  state(key: string, version?: number): Promise<StateEntry | undefined>
  /** Present entries in the order of their keys, without their values. */
  states(prefix: string, limit: number): Promise<StateAbout[]>
  /** All versions kept, newest first, deletions included. */
  stateHistory(key: string, limit: number): Promise<StateEntry[]>

  /** Claims in force, by path. Where many globs are asked about, those that could not be compared are among them. */
  claims(query: ClaimQuery): Promise<Claim[]>

  tokens(): Promise<Token[]>
  /** Why a commit on this authority would be refused now. */
  lapse(authority: Authority): Promise<Lapse | undefined>
  /** These two only know tokens that have not been revoked. */
  token(id: string): Promise<Token | undefined>
  tokenOfHash(hash: string): Promise<Token | undefined>

  /** What was kept under this name. */
  kept(name: string): Promise<string | undefined>

  stats(): Promise<StoreStats>
  /** A look at everything, for a person who doubts the store. May take a minute, and goes in pieces. */
  inspect(): Promise<StoreInspection>
}

export interface SessionQuery {
  readonly repo?: string
  readonly machine?: string
  readonly includeEnded?: boolean
  readonly limit: number
}

export interface EventQuery extends EventFilter {
  /** Ids greater than this. */
  readonly after?: number
  /** Ids less than this. */
  readonly before?: number
  /** Words that must all occur; see `searchWords`. */
  readonly query?: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Of their JSON text; default `LIMITS.pageChars`. */
  readonly maxChars?: number
}

export interface EventPage {
  readonly events: StoredEvent[]
  /** Others follow on the last of them. */
  readonly more: boolean
}

export interface StoreStats {
  readonly events: number
  readonly sessions: number
  readonly liveSessions: number
  readonly stateKeys: number
  readonly claims: number
  /** Size on disk; 0 where there is none. */
  readonly bytes: number
  /** Commits that were asked for, and transactions that carried them. */
  readonly commits: number
  readonly transactions: number
}

export interface StoreInspection {
  /** What keeps the data, with its version, e.g. `SQLite 3.51.3`. */
  readonly engine: string
  /** Settings in force that durability rests on. */
  readonly settings: Readonly<Record<string, string>>
  /** What is wrong with settings or data; none where all is well. */
  readonly faults: readonly string[]
  /** What has happened to the data from outside; the newest first. */
  readonly incidents: readonly Incident[]
}

export interface Incident {
  /** By the date of the machine. */
  readonly at: number
  readonly text: string
}
