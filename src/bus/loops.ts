/**
 * Agents that answer each other can go on for ever, at their user's cost. A chain of replies is held past its eighth
 * hop, and so is a pair that goes back and forth faster than work does, replies or not. What is held is kept, is in
 * the log, and reaches no inbox until the operator continues the chain.
 */
export const MAX_HOPS = 8

/** Turns of a conversation between two sessions within the window. A model's turn takes 5 s at least. */
export const MAX_TURNS = 60
export const TURN_WINDOW_MS = 10 * 60_000

/** Pairs remembered; the longest silent are forgotten first. */
const MAX_PAIRS = 10_000

interface Pair {
  lastSender: string
  turns: number[]
}

/** Counts turns in memory only: a restart of the hub grants another round, and no more. */
export class TurnCounter {
  readonly #pairs = new Map<string, Pair>()

  /** Notes a direct message, and says how often the two have taken turns within the window. Times are the store's. */
  note(sender: string, recipient: string, now: number): number {
    const key = keyOf(sender, recipient)
    const pair = this.#pairs.get(key) ?? { lastSender: sender, turns: [] }
    this.#pairs.delete(key)
    this.#pairs.set(key, pair)
    while (pair.turns.length > 0 && now - pair.turns[0]! > TURN_WINDOW_MS) pair.turns.shift()
    if (pair.lastSender !== sender) pair.turns.push(now)
    pair.lastSender = sender
    if (this.#pairs.size > MAX_PAIRS) this.#pairs.delete(this.#pairs.keys().next().value!)
    return pair.turns.length
  }

  /** The operator has looked at it. */
  forgive(session: string): void {
    for (const key of this.#pairs.keys()) {
      if (key.split('\0').includes(session)) this.#pairs.delete(key)
    }
  }
}

function keyOf(one: string, other: string): string {
  return one < other ? `${one}\0${other}` : `${other}\0${one}`
}

/** Why a message is held, or undefined. */
export function heldBecause(hops: number, turns: number): string | undefined {
  if (hops > MAX_HOPS) return `the chain has ${hops} hops; past ${MAX_HOPS} the operator continues it`
  if (turns > MAX_TURNS) {
    return `these two took ${turns} turns within ${TURN_WINDOW_MS / 60_000} minutes; the operator continues`
  }
  return undefined
}
