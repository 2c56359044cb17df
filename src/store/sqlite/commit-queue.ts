import { isPiece } from '../../bus/piecewise.ts'
import type { Asked, Outcome } from './carry.ts'

export interface Submitted {
  readonly asked: Asked
  readonly settle: (outcome: Outcome) => void
}

/** Bounds how long one transaction keeps the event loop: 256 appends take about 12 ms here. */
const MAX_COMMANDS = 256

/**
 * Commits that wait for a transaction, in the order in which they were asked for. A transaction carries one piece of a long
 * work at most: however many of those wait, what comes later and is short goes before the second of them.
 */
export class CommitQueue {
  #waiting: Submitted[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(submitted: Submitted): void {
    this.#waiting.push(submitted)
  }

  /** What the next transaction carries: one at least, if any waits. */
  take(): Submitted[] {
    const taken: Submitted[] = []
    const left: Submitted[] = []
    let commands = 0
    let hasPiece = false
    for (const [at, submitted] of this.#waiting.entries()) {
      const { commands: more } = submitted.asked
      if (taken.length > 0 && commands + more.length > MAX_COMMANDS) {
        for (const each of this.#waiting.slice(at)) left.push(each)
        break
      }
      const isOne = isPiece(more)
      if (isOne && hasPiece) {
        left.push(submitted)
        continue
      }
      hasPiece ||= isOne
      commands += more.length
      taken.push(submitted)
    }
    this.#waiting = left
    return taken
  }
}
