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
 * not go on for hours otherwise. What a session reports of itself may be a lie; `wake-budget.ts` bounds that.
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

export interface Chain {
  /** The most of any message that was shown. */
  readonly hops: number
  /** The event that began the chain of the latest message that was shown. */
  readonly root: number
  /** When it is over for a session that does not report what it does; never where undefined. */
  readonly until?: number
}

type Link = Pick<StoredEvent, 'id' | 'senderId' | 'hops' | 'root' | 'isPrompt'>

export function rootOf(event: Pick<StoredEvent, 'id' | 'root'>): number {
  return event.root ?? event.id
}

/** The operator's words are a person's prompt wherever they are read. The bus's own notices begin and continue nothing. */
export function afterShown(talk: Talk, shown: readonly Link[], until?: number): Talk {
  const prompt = shown.findLast(event => event.isPrompt)
  const kept = prompt === undefined ? talk : { begunAt: prompt.id }
  const links = shown.filter(event => event.senderId !== 'system')
  return links.reduce((after, event) => withChain(after, { hops: event.hops, root: rootOf(event), until }), kept)
}

/** A chain with fewer hops than the present one leaves these as they are. */
export function withChain(
  talk: Talk,
  { hops, root, until }: { hops: number; root: number; until?: number | undefined },
) {
  const { begunAt, chain } = talk
  const isLonger = chain === undefined || hops > chain.hops
  const most = isLonger ? hops : chain.hops
  const end = isLonger ? until : hops === chain.hops ? laterOf(chain.until, until) : chain.until
  return { begunAt, chain: { hops: most, root, ...(end === undefined ? {} : { until: end }) } }
}

function laterOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other)
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
export function nextLink(talk: Talk, answered?: { event: Link; isOwn: boolean }): { hops: number; root?: number } {
  const shown = talk.chain === undefined ? undefined : { hops: talk.chain.hops + 1, root: talk.chain.root }
  if (answered === undefined || answered.event.id <= talk.begunAt) return shown ?? { hops: 0 }
  const { event, isOwn } = answered
  const replied = { hops: event.hops + (isOwn ? 0 : 1), root: rootOf(event) }
  return shown === undefined || replied.hops > shown.hops ? replied : shown
}

export function heldByHops(hops: number): Said | undefined {
  if (hops <= MAX_HOPS) return undefined
  return say`the chain has ${hops} hops without a person or work; past ${MAX_HOPS} the operator continues it`
}
