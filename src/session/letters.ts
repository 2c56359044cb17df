import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import type { InputOf, OutputOf } from '../client/index.ts'
import type { HubLink } from './hub-link.ts'
import type { Mailbox } from './mailbox.ts'

/** The longest that a hook waits for the hub: nobody notices it, and a hub that answers at all takes 2 ms. */
export const HOOK_WAIT_MS = 150

/** How long the answer to a question that a hook did not wait for is still of use. */
const LATE_MS = 5_000

/** How long a hub that is away is waited for, so that it hears of reading before it offers anything again. */
const HEARD_MS = 30_000

/**
 * Letters on their way into the agent's context:
 *
 *   leased ──a hook takes them──▶ shown ──boundaries pass, then a deed──▶ read ──the hub is told──▶ consumed
 *     └─ too late for their hook: kept for the next     └─ the client threw the answer away: offered again
 *
 * A lease is the hub's word that letters are with us, so none may get lost here: an answer that comes after its hook
 * was answered is kept for the next one, and one that never came is asked for again under the same key.
 *
 * Proof of reading is what only an agent can do that had the letters before it: call a tool, end its turn. What is put
 * beside a running turn is not before the model yet, so the end of a batch of tools must pass first (`boundaries`).
 * Proof names the events that were shown, so it holds whenever it is told and says nothing of any other lease.
 */
export interface Letters {
  /** The letters for a hook's answer, or an empty text. Within `HOOK_WAIT_MS`. */
  take(route: string, options: { urgentOnly?: boolean; boundaries: number }): Promise<string>
  /** The agent asks for its mail itself, with the `inbox` tool, and then is given these. */
  asks(): void
  given(events: readonly number[], options: { boundaries: number }): void
  /** Nobody has heard the latest answer of the `inbox` tool, or of a hook: what it brought is offered again by `move`. */
  unheard(what: Way, move: () => Promise<void>): void
  /** The agent has done something. */
  sign(hook: string, options: { isBoundary: boolean }): void
  /** Tells the hub what was read, unless a `take` does that on its way. */
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

type Way = 'inbox' | 'hook'

interface Shown {
  readonly events: readonly number[]
  /** So many ends of batches must pass until the next deed proves that these were read. */
  boundaries: number
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
  let late: { text: string; events: readonly number[]; rings: boolean } | undefined
  let collecting: { done: Promise<void>; until: number } | undefined
  /** Asked, and nobody knows whether the hub has done it. */
  let unknown: { key: string; input: InputOf<'collect'> } | undefined
  let shown: Shown[] = []
  const latest: { [way in Way]?: Shown | undefined } = {}
  /** Proved, and the hub has not said yet that it knows. */
  let read: { readonly proof: string; readonly events: readonly number[] } | undefined
  /** Offers again what nobody heard; waits for the proof of what else is before the agent. */
  let release: (() => Promise<void>) | undefined
  let settling: Promise<unknown> = Promise.resolve()
  let context = 0
  /** The digest that this context holds: asked for again because of a message that it tells of, it would say so twice. */
  let digest: string | undefined

  async function collect(route: string, urgentOnly: boolean): Promise<void> {
    const inContext = context
    await settling
    // Letters for a context that is no more would be shown in the next one and then offered to it again.
    if (inContext !== context) return
    const asked = unknown ?? {
      key: randomUUID(),
      input: defined({ route, read: nextTold(), urgent_only: urgentOnly || undefined }),
    }
    unknown = asked
    const answered = mailbox.asking()
    try {
      const answer = await link.ask('collect', asked.input, { key: asked.key, deadlineMs: LATE_MS })
      isTold(asked.input.read?.events)
      if (inContext !== context) return
      unknown = undefined
      answered({ unread: answer.pending, urgent: answer.urgent })
      brought(answer)
    } catch (error) {
      if (inContext === context) refused(error)
    }
  }

  function brought({ text, events, rings }: OutputOf<'collect'>): void {
    if (text === '') return
    if (events.length === 0) {
      mailbox.digested()
      if (text === digest) return
      digest = text
    }
    late = { text, events, rings }
    // Unless the hook that waits for them takes them now.
    setImmediate(parts.onLate)
  }

  function refused(error: unknown): void {
    if (!(error instanceof BusError) || error.code === 'hub_unavailable') return
    unknown = undefined
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

  function show(way: Way, events: readonly number[], boundaries: number): void {
    const batch = { events, boundaries }
    latest[way] = batch
    shown.push(batch)
  }

  function nextTold() {
    return read && { proof: read.proof, events: read.events.slice(0, LIMITS.provedEvents) }
  }

  function isTold(events: readonly number[] = []): void {
    const told = new Set(events)
    const left = read?.events.filter(id => !told.has(id)) ?? []
    read = read && left.length > 0 ? { ...read, events: left } : undefined
  }

  async function tell(deadlineMs: number): Promise<void> {
    for (let told = nextTold(); told !== undefined; told = nextTold()) {
      await link.ask('settle', told, { deadlineMs })
      isTold(told.events)
    }
  }

  /** Before the hub is told to offer again what is not proved: what is proved would come twice. */
  async function tellBeforeMove(events: readonly number[] | undefined): Promise<void> {
    await tell(HEARD_MS).catch(error => parts.log(`proof of reading: ${error}`))
    // In another run it would be taken for a proof of that.
    isTold(events)
  }

  return {
    get late() {
      return late && { messages: late.events.length, rings: late.rings }
    },
    get isUnproved() {
      return shown.length > 0
    },
    async take(route, { urgentOnly = false, boundaries }) {
      if (late === undefined) {
        collecting ??= begin(route, urgentOnly)
        await within(collecting.until - performance.now(), collecting.done)
      }
      const found = late
      if (found === undefined) return ''
      late = undefined
      show('hook', found.events, boundaries)
      return found.text
    },
    asks() {
      latest.inbox = undefined
    },
    given(events, { boundaries }) {
      show('inbox', events, boundaries)
    },
    unheard(way, move) {
      const batch = latest[way]
      shown = shown.filter(each => each !== batch)
      // Proved by a deed that was on its way together with the word that nobody heard.
      if (batch) isTold(batch.events)
      release = move
      if (shown.length === 0) this.renew(move)
    },
    sign(hook, { isBoundary }) {
      const events = shown.filter(({ boundaries }) => boundaries === 0).flatMap(batch => batch.events)
      shown = shown.filter(({ boundaries }) => boundaries > 0)
      if (isBoundary) for (const batch of shown) batch.boundaries--
      if (events.length > 0) read = { proof: `${hook} hook`, events: [...(read?.events ?? []), ...events] }
      if (release !== undefined && shown.length === 0) this.renew(release)
    },
    settle() {
      if (read === undefined || collecting !== undefined) return
      // Where the hub is away, the next collect brings the proof along.
      settling = settling.then(() => tell(LATE_MS)).catch(() => undefined)
    },
    summedUp() {
      mailbox.forget()
      digest = undefined
    },
    renew(move) {
      const events = read?.events
      const before = Promise.all([settling, collecting?.done]).then(() => tellBeforeMove(events))
      context++
      mailbox.forget()
      late = undefined
      collecting = undefined
      unknown = undefined
      digest = undefined
      release = undefined
      shown = []
      latest.inbox = undefined
      latest.hook = undefined
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
