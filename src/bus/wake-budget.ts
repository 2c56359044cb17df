import { type Bucket, msUntilRoom } from './bucket.ts'
import { type Said, say } from './say.ts'

/**
 * Bounds how often sessions wake each other, on whatever channel and whatever they report of themselves: a sender may
 * wake others so often, and two may take so many turns with each other. Many messages wake once: until a session has
 * taken its mail, no further message wakes it, and a burst from one side is no turn. Both budgets refill steadily.
 *
 * In memory only: a restart of the hub grants another budget, and no more. Times are the store's.
 */
export const BUDGET_MS = 10 * 60_000
/** How often one sender may wake somebody. */
export const MAX_WAKES = 600
/** A model's turn takes 5 s at least. */
export const MAX_TURNS = 60

/** Senders, pairs and woken sessions remembered; those longest untouched are forgotten first. */
const MAX_REMEMBERED = 10_000

interface Pair extends Bucket {
  latestSender: string
}

export interface Exceeded {
  /** Whose budget it is: a sender's, or a pair's. */
  readonly key: string
  /** Of a pair: the one beside the sender. */
  readonly other?: string
}

export class WakeBudget {
  readonly #senders = new Map<string, Bucket>()
  readonly #pairs = new Map<string, Pair>()
  /** Since they last took mail. */
  readonly #woken = new Map<string, true>()

  /** Notes a message that may wake these. Says which budget it exceeds, and then it must wake nobody. */
  note(sender: string, reached: readonly string[], now: number): Exceeded | undefined {
    if (reached.some(each => !this.#woken.has(each))) {
      const level = remembered(this.#senders, sender, { used: 0, at: now })
      if (!hasRoom(level, MAX_WAKES, now)) return { key: sender }
      level.used++
    }
    for (const other of reached) {
      const key = pairOf(sender, other)
      const pair = remembered(this.#pairs, key, { used: 0, at: now, latestSender: sender })
      if (!hasRoom(pair, MAX_TURNS, now)) return { key, other }
      if (pair.latestSender !== sender) pair.used++
      pair.latestSender = sender
    }
    for (const each of reached) remembered(this.#woken, each, true)
    return undefined
  }

  /** What comes from now on wakes it anew. */
  tookMail(session: string): void {
    this.#woken.delete(session)
  }

  /** The operator has looked at what these do. */
  forgive(sessions: readonly string[]): void {
    const forgiven = new Set(sessions)
    for (const each of forgiven) this.#senders.delete(each)
    for (const pair of this.#pairs.keys()) {
      if (pair.split('\0').some(each => forgiven.has(each))) this.#pairs.delete(pair)
    }
  }
}

function remembered<V>(all: Map<string, V>, key: string, fresh: V): V {
  const value = all.get(key) ?? fresh
  all.delete(key)
  all.set(key, value)
  if (all.size > MAX_REMEMBERED) all.delete(all.keys().next().value!)
  return value
}

function hasRoom(bucket: Bucket, max: number, now: number): boolean {
  return msUntilRoom(bucket, 1, max, BUDGET_MS, now) === 0
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one}\0${other}` : `${other}\0${one}`
}

/** Why a message is held, and what helps. */
export function heldByBudget(otherName: string | undefined): Said {
  const minutes = BUDGET_MS / 60_000
  const whose =
    otherName === undefined
      ? say`the sender's budget of ${MAX_WAKES} wakes in ${minutes} minutes is spent`
      : say`the budget of ${MAX_TURNS} turns in ${minutes} minutes between the sender and ${otherName} is spent`
  return say`${whose}; it refills within ${minutes} minutes, or the operator continues`
}
