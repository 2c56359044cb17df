import type { Claim } from '../../bus/claim.ts'
import type { StoredEvent } from '../../bus/event.ts'
import type { Talk } from '../../bus/loops.ts'
import type { Session } from '../../bus/session.ts'
import type { StateEntry } from '../../bus/state.ts'
import type { Token } from '../../bus/token.ts'

/**
 * All that the store knows. Every record is replaced, never changed in place, so a shallow copy of the tables is a
 * snapshot: a commit works on a copy and the copy takes the original's place, or is dropped.
 */
export interface Tables {
  readonly sessions: Map<string, Session>
  /** How far each session has consumed: the highest id it acknowledged or proved to have read. */
  readonly cursors: Map<string, number>
  /** By session; one that was shown nothing has none. */
  readonly talks: Map<string, Talk>
  /** By session and channel. */
  readonly subscriptions: Map<string, Subscription>
  readonly events: Map<number, StoredEvent>
  /** By event and session. */
  readonly deliveries: Map<string, Delivery>
  readonly lost: Lost[]
  /** Expiries that have been told. */
  readonly expired: Set<number>
  /** By key, oldest version first. */
  readonly state: Map<string, readonly Version[]>
  readonly claims: Map<string, Claim>
  readonly tokens: Token[]
  readonly kept: Map<string, string>
  readonly keys: Map<string, RememberedKey>
  /** `role:reviewer`, `repo:acme/api` …: what some session has or had. */
  readonly known: Set<string>
  counters: { newest: number; prunedUpTo: number; claimToken: number; stateVersions: number }
}

export interface Version {
  readonly entry: StateEntry
  /** By the order of all that were written. */
  readonly num: number
  readonly bytes: number
  /** In whose share it counts. */
  readonly holder: string | undefined
}

export interface Subscription {
  readonly sessionId: string
  readonly channel: string
  /** Events up to this id are not for this session, or were consumed. */
  readonly position: number
  /** A channel that is no longer followed keeps its position. */
  readonly following: boolean
}

/** A session's history with one event. `leased` and `done` rule what is unread; the rest is the receipt. */
export interface Delivery {
  readonly eventId: number
  readonly sessionId: string
  readonly leased: boolean
  readonly done: boolean
  readonly route?: string
  readonly offeredAt?: number
  readonly proof?: string
  readonly consumedAt?: number
  readonly answeredBy?: number
  /** How it ended without being read. */
  readonly outcome?: 'held' | 'expired'
  /** For whom it waits in the place of this session, where it was taken over; for the one who did, that is itself. */
  readonly takenBy?: string
}

/** A receipt of a session that has been forgotten. */
export interface Lost {
  readonly eventId: number
  readonly sessionId: string
  readonly sessionName: string
}

export interface RememberedKey {
  readonly fingerprint: string
  readonly at: number
  readonly results: string
  /** In whose share of answers it counts. */
  readonly holder: string | undefined
}

export function emptyTables(): Tables {
  return {
    sessions: new Map(),
    cursors: new Map(),
    talks: new Map(),
    subscriptions: new Map(),
    events: new Map(),
    deliveries: new Map(),
    lost: [],
    expired: new Set(),
    state: new Map(),
    claims: new Map(),
    tokens: [],
    kept: new Map(),
    keys: new Map(),
    known: new Set(),
    counters: { newest: 0, prunedUpTo: 0, claimToken: 0, stateVersions: 0 },
  }
}

export function copied(tables: Tables): Tables {
  return {
    sessions: new Map(tables.sessions),
    cursors: new Map(tables.cursors),
    talks: new Map(tables.talks),
    subscriptions: new Map(tables.subscriptions),
    events: new Map(tables.events),
    deliveries: new Map(tables.deliveries),
    lost: [...tables.lost],
    expired: new Set(tables.expired),
    state: new Map(tables.state),
    claims: new Map(tables.claims),
    tokens: [...tables.tokens],
    kept: new Map(tables.kept),
    keys: new Map(tables.keys),
    known: new Set(tables.known),
    counters: { ...tables.counters },
  }
}

/** One map key of several strings. JSON keeps `a`+`bc` and `ab`+`c` apart. */
export function joined(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts)
}

/** What JSON makes of a value: the store gives back exactly this, and never an object that a caller holds. */
export function jsonCopy<T>(value: T): T {
  const text = JSON.stringify(value)
  return text === undefined ? (null as T) : JSON.parse(text)
}

/** Text in the order of its code points, which is that of its UTF-8 bytes and so of SQL stores. */
export function byText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
