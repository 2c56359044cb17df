import { defined } from './defined.ts'
import { charsOfJson } from './page.ts'

/**
 * An event is an immutable entry of the log. Its id is a whole number that grows in the order in which events become
 * visible, so a reader who has seen id N has seen everything before N.
 */
export interface Event {
  readonly id: number
  /** A short kind such as `message`, `task_completed`, `ci_failed`. Free, but some kinds imply a level. */
  readonly type: string
  /** Where it was sent: one channel, or several joined by a blank. See `address.ts`. */
  readonly channel: string
  /** The sender's name when it was sent. */
  readonly from: string
  readonly text: string
  readonly title?: string
  readonly tags?: readonly string[]
  readonly level: Level
  readonly urgency: Urgency
  /** The event this one answers. */
  readonly reply_to?: number
  /** Correlation id, shared by everything that belongs to one conversation or task. */
  readonly thread?: string
  /** Why nobody gets it until the operator continues its chain. */
  readonly held?: string
  /** The held event that the operator let through as this one. */
  readonly continues?: number
  readonly data?: unknown
  /** ISO 8601, from the store's clock; never decreases from one event to the next. */
  readonly at: string
}

/** From noise to need: `lifecycle` is bookkeeping and never put before a model; `actionable` wants somebody. */
export const LEVELS = ['lifecycle', 'info', 'actionable'] as const
export type Level = (typeof LEVELS)[number]

/** `now` rings, mid-turn too; `idle` rings once the session is idle; `quiet` rides along with whatever comes next. */
export const URGENCIES = ['now', 'idle', 'quiet'] as const
export type Urgency = (typeof URGENCIES)[number]

/** Whether it may ring a session. */
export function isUrgent({ urgency }: { urgency: Urgency }): boolean {
  return urgency !== 'quiet'
}

/** The most urgent first, and of those the oldest. */
export function urgentFirst<T extends { readonly id: number; readonly urgency: Urgency }>(events: readonly T[]): T[] {
  const rank = ({ urgency }: T) => URGENCIES.indexOf(urgency)
  return events.toSorted((a, b) => rank(a) - rank(b) || a.id - b.id)
}

const LIFECYCLE_TYPES = new Set([
  'session_registered',
  'session_unregistered',
  'ci_watching',
  'ci_rerun',
  'task_started',
  'parallel_work_started',
])
const ACTIONABLE_TYPES = new Set(['help_needed', 'blocker_found', 'ci_failed', 'error_broadcast'])

/** The level of an event whose sender gave none: its type decides, and whatever is addressed to someone is actionable. */
export function impliedLevel(type: string, isDirect: boolean): Level {
  if (isDirect || ACTIONABLE_TYPES.has(type)) return 'actionable'
  return LIFECYCLE_TYPES.has(type) ? 'lifecycle' : 'info'
}

export function impliedUrgency(isDirect: boolean): Urgency {
  return isDirect ? 'now' : 'quiet'
}

export function isAtLeast(level: Level, min: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(min)
}

/** An event as the store keeps it; `wireEvent` makes of it what readers get. */
export interface StoredEvent {
  readonly id: number
  readonly at: number
  readonly type: string
  readonly channels: readonly string[]
  /** A session id, `operator`, `token:<name>` or `system`. */
  readonly senderId: string
  readonly senderName: string
  readonly text: string
  readonly title?: string
  readonly tags?: readonly string[]
  readonly level: Level
  readonly urgency: Urgency
  readonly replyTo?: number
  readonly thread?: string
  /** How many messages lie between this event and the one that began its chain. See `loops.ts`. */
  readonly hops: number
  /** The event that began its chain, where that is another. */
  readonly root?: number
  /** Whether its chain began with a person's prompt or with work, as the session that began it reported. */
  readonly isBegun?: true
  /** Whether the operator wrote it or let it through: it is a person's prompt to those who read it. */
  readonly isPrompt?: true
  /** Why it is kept from everybody's inbox until the operator continues its chain. See `loops.ts`. */
  readonly held?: string
  /** The held event that the operator let through as this one. */
  readonly continues?: number
  /** Who has not been shown it by then never is, and its sender is told. */
  readonly expiresAt?: number
  readonly data?: unknown
}

/** How much of a page it takes. */
export function charsOfEvent({ id: _, at: __, ...event }: StoredEvent): number {
  return charsOfJson(event)
}

/** Whether it is for inboxes at all: bookkeeping is not, nor is what is held. */
export function isMail(event: { level: Level; held?: string }): boolean {
  return event.level !== 'lifecycle' && event.held === undefined
}

/** An event that names no thread is the root of one that bears its id. */
export function threadOf(event: { id: number; thread?: string }): string {
  return event.thread ?? String(event.id)
}

/** An expired event is shown to no session any more. */
export function hasExpired(event: { expiresAt?: number }, now: number): boolean {
  return event.expiresAt !== undefined && event.expiresAt <= now
}

export function wireEvent(event: StoredEvent): Event {
  return defined({
    id: event.id,
    type: event.type,
    channel: event.channels.join(' '),
    from: event.senderName,
    text: event.text,
    title: event.title,
    tags: event.tags?.length ? event.tags : undefined,
    level: event.level,
    urgency: event.urgency,
    reply_to: event.replyTo,
    thread: event.thread,
    held: event.held,
    continues: event.continues,
    data: event.data,
    at: new Date(event.at).toISOString(),
  })
}

/** What a reader asks for. Every field narrows; none moves a cursor. */
export interface EventFilter {
  readonly channels?: readonly string[]
  readonly types?: readonly string[]
  readonly senderId?: string
  /** Leaves out what this session sent itself. */
  readonly notSenderId?: string
  readonly thread?: string
  readonly minLevel?: Level
  /** The continuation of this held event. */
  readonly continues?: number
}

/** What a filter looks at. */
export type Filtered = Pick<StoredEvent, 'id' | 'type' | 'channels' | 'senderId' | 'level' | 'thread' | 'continues'>

export function passes(event: Filtered, filter: EventFilter): boolean {
  return (
    (filter.channels === undefined || event.channels.some(channel => filter.channels!.includes(channel))) &&
    (filter.types === undefined || filter.types.includes(event.type)) &&
    (filter.senderId === undefined || event.senderId === filter.senderId) &&
    (filter.notSenderId === undefined || event.senderId !== filter.notSenderId) &&
    (filter.thread === undefined || threadOf(event) === filter.thread) &&
    (filter.minLevel === undefined || isAtLeast(event.level, filter.minLevel)) &&
    (filter.continues === undefined || event.continues === filter.continues)
  )
}

/** The words of a search: all of them must stand in text, title, type or tags, whole, in any order and case. */
export function searchWords(query: string): string[] {
  return query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}
