import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import type { InputOf, OutputOf } from '../client/index.ts'
import { type Mail, NO_MAIL } from './hooks/mail.ts'
import type { HubLink } from './hub-link.ts'
import type { Mailbox } from './mailbox.ts'
import { createReading, type Way } from './reading.ts'

/** The longest that a hook waits for the hub: nobody notices it, and a hub that answers at all takes 2 ms. */
export const HOOK_WAIT_MS = 150

/** How long the answer to a question that a hook did not wait for is still of use. */
const LATE_MS = 5_000

/** What the hub is told where nothing was read. */
const NO_PROOF = { proof: 'none', events: [] as number[] }

/** How long a hub that is away is waited for, so that it hears of reading before it offers anything again. */
const HEARD_MS = 30_000

/**
 * Letters on their way into the agent's context:
 *
 *   leased ──a hook takes them──▶ shown ──read, as `Reading` tells──▶ proved ──the hub is told──▶ consumed
 *     └─ too late for their hook: kept for the next     └─ the client threw the answer away: offered again
 *
 * A lease is the hub's word that letters are with us, so none may get lost here: an answer that comes after its hook
 * was answered is kept for the next one, and one that never came is asked for again under the same key.
 */
export interface Letters {
  /**
   * The letters for a hook's answer, or none. Within `HOOK_WAIT_MS`. `isRound`: what is given costs the turn another round. So
   * nothing is, unless some of it may ring, nor a digest alone where the turn has had one or nothing in it is new.
   */
  take(route: string, options: { isRound?: boolean; boundaries: number }): Promise<Mail>
  turnEnded(): void
  /** The agent asks for its mail itself, with the `inbox` tool, and then is given these. */
  asks(): void
  given(events: readonly number[], options: { boundaries: number }): void
  /** Nobody has heard the latest answer of the `inbox` tool, or of a hook: what it brought is offered again by `move`. */
  unheard(what: Way, move: () => Promise<void>): void
  /** The agent has done something. */
  sign(hook: string, options: { isBoundary: boolean }): void
  /** A person has prompted the agent, or it works: what it says from now on answers none of the letters before. */
  begins(by: 'person' | 'work'): void
  /** Tells the hub what was read and that something has begun, unless a `take` does that on its way. */
  settle(): void
  /** The client has summed up what the model had read; the agent is told anew of what it was not given. */
  summedUp(): void
  /** The agent's context is emptied, or another one: what is not proved never will be, and `move` tells the hub so. */
  renew(move: () => Promise<void>): void
  /** Before a tool of the bus: resolves when nothing is on its way that it could meet. */
  settled(): Promise<void>
  /** Letters that came too late for their hook. */
  readonly late: { readonly messages: number; readonly rings: boolean } | undefined
  /** Letters are before the agent and nothing shows yet that it read them. */
  readonly isUnproved: boolean
}

export function createLetters(parts: {
  readonly link: Pick<HubLink, 'ask'>
  readonly mailbox: Mailbox
  /** Letters are here and no hook waits for them. */
  readonly onLate: () => void
  /** The hub knows of another context: what it had not read is unread again. */
  readonly onRenewed: () => void
  readonly log: (message: string) => void
}): Letters {
  const { link, mailbox } = parts
  let late: (Mail & { events: readonly number[]; rings: boolean; hasDigest: boolean }) | undefined
  let collecting: { done: Promise<void>; until: number } | undefined
  /** Asked, and nobody knows whether the hub has done it. */
  let unknown: { key: string; input: InputOf<'collect'> } | undefined
  const reading = createReading()
  /** Offers again what nobody heard; waits for the proof of what else is before the agent. */
  let release: (() => Promise<void>) | undefined
  let settling: Promise<unknown> = Promise.resolve()
  /** Something began, and the hub has not been told. */
  let hasBegun = false
  /** What the agent says may answer a letter. At the start, one that an earlier process brought. */
  let mayAnswer = true
  let context = 0
  /** This turn was told, in a digest, what it can ask for. */
  let isTold = false

  async function collect(route: string, urgentOnly: boolean): Promise<void> {
    const inContext = context
    await settling
    // Letters for a context that is no more would be shown in the next one and then offered to it again.
    if (inContext !== context) return
    const asked = unknown ?? {
      key: randomUUID(),
      input: defined({
        route,
        read: reading.next(),
        begun: hasBegun || undefined,
        urgent_only: urgentOnly || undefined,
      }),
    }
    hasBegun = false
    unknown = asked
    const answered = mailbox.asking()
    try {
      const answer = await link.ask('collect', asked.input, { key: asked.key, deadlineMs: LATE_MS })
      reading.told(asked.input.read?.events)
      if (inContext !== context) return
      unknown = undefined
      answered({ unread: answer.pending, urgent: answer.urgent, newest: answer.newest })
      brought(answer)
    } catch (error) {
      if (inContext === context) refused(error)
    }
  }

  function brought({ text, notice, events, rings, ...rest }: OutputOf<'collect'>): void {
    if (text === '') return
    mayAnswer = true
    const isAlone = events.length === 0
    // Where nothing fits now, nothing will before something else comes.
    const mayFit = !isAlone && rest.more !== false
    const told = mailbox.digested({ mayFit, newestUrgent: rest.newest_urgent })
    if (isAlone && !told.isNew && late === undefined) return
    // One that the agent has not been given yet is replaced.
    const isNews = isAlone && (told.isUrgent || late?.rings === true)
    late = { text, notice, events, rings: rings || isNews, hasDigest: rest.pending > 0 }
    // Unless the hook that waits for them takes them now.
    setImmediate(parts.onLate)
  }

  function refused(error: unknown): void {
    if (!(error instanceof BusError) || error.code === 'hub_unavailable') return
    unknown = undefined
    mayAnswer = true
    if (error.code !== 'session_ended') parts.log(`collect: ${error.message}`)
  }

  function begin(...what: Parameters<typeof collect>): NonNullable<typeof collecting> {
    const begun = {
      done: collect(...what).finally(() => {
        if (collecting === begun) collecting = undefined
      }),
      until: performance.now() + HOOK_WAIT_MS,
    }
    return begun
  }

  async function tell(deadlineMs: number): Promise<void> {
    for (let proof = reading.next(); proof !== undefined || hasBegun; proof = reading.next()) {
      const begun = hasBegun || undefined
      hasBegun = false
      try {
        await link.ask('settle', defined({ ...(proof ?? NO_PROOF), begun }), { deadlineMs })
      } catch (error) {
        hasBegun ||= begun === true
        throw error
      }
      reading.told(proof?.events)
    }
  }

  /** Before the hub is told to offer again what is not proved: what is proved would come twice. */
  async function tellBeforeMove(events: readonly number[]): Promise<void> {
    await tell(HEARD_MS).catch(error => parts.log(`proof of reading: ${error}`))
    // In another run it would be taken for a proof of that.
    reading.told(events)
  }

  return {
    get late() {
      return late && { messages: late.events.length, rings: late.rings }
    },
    get isUnproved() {
      return reading.isUnproved
    },
    async take(route, { isRound = false, boundaries }) {
      // A digest leases nothing, so what the hub gives now may take its place.
      const isOld = late?.events.length === 0 && (isRound ? mailbox.mayHaveUrgentNews : mailbox.mayHaveNews)
      if (late === undefined || isOld) {
        collecting ??= begin(route, isRound)
        await within(collecting.until - performance.now(), collecting.done)
      }
      const found = late
      if (found === undefined || (isRound && found.events.length === 0 && (isTold || !found.rings))) return NO_MAIL
      late = undefined
      isTold ||= found.hasDigest
      reading.show('hook', found.events, boundaries)
      return found
    },
    turnEnded() {
      isTold = false
    },
    asks() {
      reading.forgetLatest('inbox')
    },
    given(events, { boundaries }) {
      mayAnswer = true
      reading.show('inbox', events, boundaries)
    },
    unheard(way, move) {
      reading.unheard(way)
      release = move
      if (!reading.isUnproved) this.renew(move)
    },
    sign(hook, options) {
      reading.sign(hook, options)
      if (release !== undefined && !reading.isUnproved) this.renew(release)
    },
    begins(by) {
      // It decided on this work without the letters that are on their way.
      if (by === 'work' && (late !== undefined || collecting !== undefined)) return
      hasBegun ||= mayAnswer
      mayAnswer = false
    },
    settle() {
      if ((reading.proved.length === 0 && !hasBegun) || collecting !== undefined) return
      // Where the hub is away, the next collect brings the proof along.
      settling = settling.then(() => tell(LATE_MS)).catch(() => undefined)
    },
    summedUp() {
      mailbox.forget()
    },
    renew(move) {
      const events = reading.proved
      const before = Promise.all([settling, collecting?.done]).then(() => tellBeforeMove(events))
      context++
      mailbox.forget()
      late = undefined
      collecting = undefined
      unknown = undefined
      mayAnswer = true
      isTold = false
      release = undefined
      reading.forgetShown()
      settling = before
        .then(move)
        .then(parts.onRenewed)
        .catch(error => parts.log(`another run: ${error}`))
    },
    async settled() {
      await within(HOOK_WAIT_MS, settling)
    },
  }
}

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  if (ms <= 0) return
  const timer = new AbortController()
  try {
    await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  } finally {
    timer.abort()
  }
}
