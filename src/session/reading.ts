import { LIMITS } from '../bus/limits.ts'
import type { InputOf } from '../client/index.ts'

/** How letters came before the agent: its own `inbox` call, or the answer to a hook. */
export type Way = 'inbox' | 'hook'

/**
 * What was put before the agent, and what its deeds prove that it has read:
 *
 *   shown ──boundaries pass, then a deed──▶ proved ──the hub has said that it knows──▶ told
 *
 * Proof of reading is what only an agent can do that had the letters before it: call a tool, end its turn. What is put
 * beside a running turn is not before the model yet, so the end of a batch of tools must pass first (`boundaries`).
 * Proof names the events that were shown, so it holds whenever it is told and says nothing of any other lease.
 */
export interface Reading {
  show(way: Way, events: readonly number[], boundaries: number): void
  /** The agent has done something, as this hook tells. */
  sign(hook: string, options: { isBoundary: boolean }): void
  /** The latest that came this way came to nobody, so nothing proves that it was read. */
  unheard(way: Way): void
  /** What comes this way from now on is another batch. */
  forgetLatest(way: Way): void
  /** Nothing that was shown is before the agent any more. What is proved stays so. */
  forgetShown(): void
  /** Something is before the agent and nothing shows yet that it has read it. */
  readonly isUnproved: boolean
  /** Proved and not told. */
  readonly proved: readonly number[]
  /** As much of that as one call may tell. */
  next(): InputOf<'settle'> | undefined
  told(events?: readonly number[]): void
}

interface Shown {
  readonly events: readonly number[]
  /** So many ends of batches must pass until the next deed proves that these were read. */
  boundaries: number
}

export function createReading(): Reading {
  let shown: Shown[] = []
  const latest: { [way in Way]?: Shown | undefined } = {}
  let proved: readonly number[] = []
  /** What showed the latest of them. */
  let proof = ''

  function told(events: readonly number[] = []): void {
    const known = new Set(events)
    proved = proved.filter(id => !known.has(id))
  }

  return {
    get isUnproved() {
      return shown.length > 0
    },
    get proved() {
      return proved
    },
    show(way, events, boundaries) {
      const batch = { events, boundaries }
      latest[way] = batch
      shown.push(batch)
    },
    sign(hook, { isBoundary }) {
      const events = shown.filter(({ boundaries }) => boundaries === 0).flatMap(batch => batch.events)
      shown = shown.filter(({ boundaries }) => boundaries > 0)
      if (isBoundary) for (const batch of shown) batch.boundaries--
      if (events.length === 0) return
      proved = [...proved, ...events]
      proof = `${hook} hook`
    },
    unheard(way) {
      const batch = latest[way]
      shown = shown.filter(each => each !== batch)
      // Proved, perhaps, by a deed that was on its way together with the word that nobody heard.
      told(batch?.events)
    },
    forgetLatest(way) {
      latest[way] = undefined
    },
    forgetShown() {
      shown = []
      latest.inbox = undefined
      latest.hook = undefined
    },
    next() {
      return proved.length === 0 ? undefined : { proof, events: proved.slice(0, LIMITS.provedEvents) }
    },
    told,
  }
}
