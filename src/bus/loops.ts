import type { StoredEvent } from './event.ts'
import { type Said, say } from './say.ts'

/**
 * Agents that answer each other can go on for ever, at their user's cost. So every message counts the hops of its chain:
 * one more than the most of any message that its sender was shown since a person last prompted it or it last worked
 * with another tool than the bus's own. It does not matter by which channel, under which thread or in reply to what. A
 * message past the eighth hop is held: it is in the log and in no inbox until the operator continues its chain.
 *
 *   a person prompts, or the agent works ──▶ 0 ──shown to another, which says something──▶ 1 ──▶ … ──▶ 8 ──▶ held
 *                                            ▲                                             │
 *                                            └───────────── works, or is prompted ◀────────┘
 *
 * Work begins anew, and does not only refrain from counting: a manager that only talks and a developer that works could
 * not go on for hours otherwise. For the same reason the manager's own count ends where the developer reports to it by
 * name: what it was shown before belongs to an earlier chain. What a session reports of itself may be a lie;
 * `wake-budget.ts` bounds that.
 */
export const MAX_HOPS = 8

/**
 * A session without hooks cannot report that it works. What takes it longer than this after it was shown a message is
 * taken for work: a model answers thanks with thanks within half a minute.
 */
export const UNREPORTED_WORK_MS = 2 * 60_000

/** Why a session says what it says next. */
export interface Talk {
  /** The newest event when something last began: the session answers none up to here any more. */
  readonly begunAt: number
  /** Undefined where the session was shown nothing since. */
  readonly chain?: Chain
}

/** The longest of the chains that a session was shown messages of. */
export interface Chain {
  readonly hops: number
  /** The event that began it. */
  readonly root: number
  /** Whether it began with a person or with work that was reported. */
  readonly isBegun?: true
  /** When it is over for a session that does not report what it does; never where undefined. */
  readonly until?: number
}

type Link = Pick<StoredEvent, 'id' | 'senderId' | 'channels' | 'hops' | 'root' | 'isBegun' | 'isPrompt'>

export function rootOf(event: Pick<StoredEvent, 'id' | 'root'>): number {
  return event.root ?? event.id
}

function chainOf(event: Link, until: number | undefined): Chain {
  const isBegun = event.isBegun ?? event.isPrompt
  return {
    hops: event.hops,
    root: rootOf(event),
    ...(isBegun && { isBegun }),
    ...(until === undefined ? {} : { until }),
  }
}

/** The bus's own notices begin and continue nothing, and nobody answers what it said itself. */
export function longestOf(events: readonly Link[], sessionId: string, until?: number): Chain | undefined {
  return events
    .filter(({ senderId }) => senderId !== 'system' && senderId !== sessionId)
    .map(event => chainOf(event, until))
    .reduce<Chain | undefined>(longer, undefined)
}

export function longer(one: Chain | undefined, other: Chain): Chain {
  if (one === undefined || other.hops > one.hops) return other
  if (other.hops < one.hops || one.until === undefined) return one
  const { until: _, ...endless } = one
  return other.until === undefined ? endless : { ...one, until: Math.max(one.until, other.until) }
}

/**
 * The operator's words are a person's prompt wherever they are read. A chain that began later, with a person or with
 * work, takes the place of an earlier one where its message names the session.
 */
export function afterShown(talk: Talk, shown: readonly Link[], sessionId: string, until?: number): Talk {
  const prompt = shown
    .filter(event => event.isPrompt)
    .toSorted((a, b) => a.id - b.id)
    .at(-1)
  if (prompt !== undefined) return withChain({ begunAt: prompt.id }, longestOf(shown, sessionId, until))
  const isForIt = (event: Link) => event.isBegun === true && event.channels.includes(`session:${sessionId}`)
  const isNew = shown.some(event => isForIt(event) && rootOf(event) > (talk.chain?.root ?? 0))
  return withChain(isNew ? { begunAt: talk.begunAt } : talk, longestOf(shown, sessionId, until))
}

export function withChain(talk: Talk, chain: Chain | undefined): Talk {
  return chain === undefined ? talk : { begunAt: talk.begunAt, chain: longer(talk.chain, chain) }
}

/** What is left of it by now. */
export function talkAt<T extends Talk | undefined>(talk: T, now: number): T | Talk {
  const until = talk?.chain?.until
  return talk !== undefined && until !== undefined && until <= now ? { begunAt: talk.begunAt } : talk
}

/**
 * Where a message stands in its chain. What it answers may only raise its hops, and does not where its sender has
 * begun something new since: reports of work answer messages, too.
 */
export function nextLink(talk: Talk, answered?: { event: Link; isOwn: boolean }): Pick<StoredEvent, LinkFields> {
  const shown = talk.chain && { ...talk.chain, hops: talk.chain.hops + 1 }
  const replied = answered && answered.event.id > talk.begunAt ? chainOf(answered.event, undefined) : undefined
  const raised = replied && { ...replied, hops: replied.hops + (answered?.isOwn ? 0 : 1) }
  const chain = raised === undefined || (shown !== undefined && shown.hops >= raised.hops) ? shown : raised
  if (chain === undefined) return { hops: 0, ...(talk.begunAt > 0 && { isBegun: true }) }
  const { until: _, ...link } = chain
  return link
}

type LinkFields = 'hops' | 'root' | 'isBegun'

export function heldByHops(hops: number): Said | undefined {
  if (hops <= MAX_HOPS) return undefined
  return say`the chain has ${hops} hops without a person or work; past ${MAX_HOPS} the operator continues it`
}
