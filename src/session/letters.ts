import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import type { InputOf, OutputOf } from '../client/index.ts'
import type { HubLink } from './hub-link.ts'
import type { Mailbox } from './mailbox.ts'

/** The longest that a hook waits for the hub: nobody notices it, and a hub that answers at all takes 2 ms. */
export const HOOK_WAIT_MS = 150

/** How long the answer to a question that a hook did not wait for is still of use. */
const LATE_MS = 5_000

/** How long a hub that is away is waited for, so that it hears of reading before it offers anything again. */
const HEARD_MS = 30_000

/** What the `inbox` tool leases for an agent with hooks: proved by them, and by no other call of the same batch. */
const INBOX = 'inbox tool'

/**
 * Letters on their way into the agent's context.
 *
 * A lease is the hub's word that letters are with us, so none may get lost here: an answer that comes after its hook
 * was answered is kept for the next one, and one that never came is asked for again under the same key.
 *
 * Proof of reading is what only an agent can do that had the letters before it: call a tool, end its turn. What is put
 * beside a running turn is not before the model yet, so the end of a batch of tools must pass first (`boundaries`).
 */
export interface Letters {
  /** The letters for a hook's answer, or an empty text. Within `HOOK_WAIT_MS`. */
  take(route: string, options: { urgentOnly?: boolean; boundaries: number }): Promise<string>
  /** The agent was given letters on another way: the `inbox` tool. */
  given(options: { boundaries: number }): void
  /** Nobody has heard the latest answer of the `inbox` tool, or of a hook: what it brought is offered again by `move`. */
  unheard(what: 'inbox' | 'hook', move: () => Promise<void>): void
  /** The agent has done something. */
  sign(hook: string, options: { isBoundary: boolean }): void
  /** Confirms what is proved, unless the next `take` can do that on its way. */
  settle(): void
  /** The client has summed up what the model had read; the agent is told anew of what it was not given. */
  summedUp(): void
  /** The agent's context is emptied, or another one: what is not proved never will be, and `move` tells the hub so. */
  renew(move: () => Promise<void>): void
  /** Before the `inbox` tool, which proves what it has given before: resolves when nothing is on its way that it could meet. */
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
  let late: { text: string; messages: number; rings: boolean; route: string } | undefined
  let collecting: { done: Promise<void>; until: number } | undefined
  /** Asked, and nobody knows whether the hub has done it. */
  let unknown: { key: string; input: InputOf<'collect'> } | undefined
  /** Letters are before the agent: so many ends of batches must pass until its next deed proves that it read them. */
  let open: number | undefined
  /** On which routes they came. */
  const openRoutes = new Set<string>()
  /** On which route the latest hook's came. */
  let taken = ''
  let proof: { readonly proof: string; readonly routes: readonly string[] } | undefined
  /** Offers again what was leased and not heard; waits for the proof of what else is before the agent. */
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
    const told = release === undefined ? proof : undefined
    const input = defined({
      route,
      proof: told?.proof,
      proof_routes: told && [...told.routes],
      urgent_only: urgentOnly || undefined,
    })
    const asked = unknown ?? { key: randomUUID(), input }
    unknown = asked
    const answered = mailbox.asking()
    try {
      const answer = await link.ask('collect', asked.input, { key: asked.key, deadlineMs: LATE_MS })
      if (asked.input.proof !== undefined) proof = undefined
      if (inContext !== context) return
      unknown = undefined
      answered({ unread: answer.pending, urgent: answer.urgent })
      brought(answer, asked.input.route)
    } catch (error) {
      if (inContext === context) refused(error)
    }
  }

  function brought({ text, messages, rings }: OutputOf<'collect'>, route: string): void {
    if (text === '') return
    if (messages === 0) {
      mailbox.digested()
      if (text === digest) return
      digest = text
    }
    late = { text, messages, rings, route }
    // Unless the hook that waits for them takes them now.
    setImmediate(parts.onLate)
  }

  function refused(error: unknown): void {
    if (!(error instanceof BusError) || error.code === 'hub_unavailable') return
    unknown = undefined
    if (error.code !== 'session_ended') parts.log(`collect: ${error.message}`)
  }

  /**
   * Before the hub is told to offer again what is not proved: what is proved would come twice. A collect that may have
   * been done is asked to its end, where it took the proof along; it may have leased more on the same routes, for which a
   * proof of its own would count, too.
   */
  async function heard(told: NonNullable<typeof proof>, asked: typeof unknown): Promise<void> {
    if (proof !== told) return
    const options = { deadlineMs: HEARD_MS }
    try {
      if (asked === undefined) await link.ask('settle', { proof: told.proof, routes: [...told.routes] }, options)
      else if (asked.input.proof !== undefined) await link.ask('collect', asked.input, { ...options, key: asked.key })
    } catch (error) {
      parts.log(`proof of reading: ${error}`)
    }
    if (proof === told) proof = undefined
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

  function opened(route: string, boundaries: number): void {
    open = Math.max(open ?? 0, boundaries)
    openRoutes.add(route)
  }

  function closed(): void {
    open = undefined
    openRoutes.clear()
  }

  return {
    get late() {
      return late
    },
    get isUnproved() {
      return open !== undefined
    },
    async take(route, { urgentOnly = false, boundaries }) {
      if (late === undefined) {
        collecting ??= begin(route, urgentOnly)
        await within(collecting.until - performance.now(), collecting.done)
      }
      const found = late
      if (found === undefined) return ''
      late = undefined
      taken = found.route
      opened(found.route, boundaries)
      return found.text
    },
    given({ boundaries }) {
      opened(INBOX, boundaries)
    },
    unheard(what, move) {
      const route = what === 'inbox' ? INBOX : taken
      openRoutes.delete(route)
      if (openRoutes.size === 0) open = undefined
      if (proof !== undefined) proof = { ...proof, routes: proof.routes.filter(each => each !== route) }
      release = move
      if (open === undefined) this.renew(move)
    },
    sign(hook, { isBoundary }) {
      if (open === undefined) return
      if (open > 0) {
        if (isBoundary) open--
        return
      }
      // Letters that are leased and not shown yet would be confirmed with the rest.
      if (collecting !== undefined || late !== undefined || unknown !== undefined) return
      proof = { proof: `${hook} hook`, routes: [...openRoutes] }
      closed()
    },
    settle() {
      if (proof === undefined || open !== undefined || collecting !== undefined) return
      const told = proof
      settling = settling.then(async () => {
        if (proof !== told) return
        try {
          await link.ask('settle', { proof: told.proof, routes: [...told.routes] }, { deadlineMs: LATE_MS })
          if (proof === told) proof = undefined
          if (release !== undefined && open === undefined) this.renew(release)
        } catch {
          // The hub is away: the next collect brings the proof along.
        }
      })
    },
    summedUp() {
      mailbox.forget()
      digest = undefined
    },
    renew(move) {
      if (unknown === undefined) this.settle()
      const [told, asked] = [proof, unknown]
      const before = Promise.all([settling, collecting?.done]).then(() => told && heard(told, asked))
      context++
      mailbox.forget()
      late = undefined
      collecting = undefined
      unknown = undefined
      digest = undefined
      release = undefined
      closed()
      settling = before
        .then(move)
        .then(parts.onRenewed)
        .catch(error => parts.log(`another run: ${error}`))
    },
    async settled() {
      if (release !== undefined) this.renew(release)
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
