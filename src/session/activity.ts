import { setImmediate as nextTurn } from 'node:timers/promises'
import type { InputOf } from '../client/index.ts'
import type { ClientStatus, StatusFile } from './client-status.ts'
import type { HubLink } from './hub-link.ts'
import { newerOf, type Seen } from './idle.ts'
import type { Mailbox } from './mailbox.ts'

/** Claims renew while their holder works, and are written again when half their term is over. */
const SIGN_MS = 20_000
/** A turn that the user interrupts ends without a hook. */
const LOOK_MS = 10_000
const PATIENCE_MS = 5_000
/** The client calls itself busy within this of the hook of the prompt; what makes it busy later is something else. */
const TURN_BEGINS_MS = 1_000

type News = InputOf<'heartbeat'>

/** What the agent is doing, as its hooks and its client's status file tell, and the hub's knowledge of it. */
export interface Activity {
  /** As hooks have told; undefined before the first. */
  readonly told: ClientStatus | undefined
  set(state: ClientStatus['state'], waitingFor?: string): void
  look(): Seen | undefined
  /** So says the client itself. Without a status file it says nothing. */
  readonly isSaidIdle: boolean
  /** A turn is running, and not one that the user has interrupted: no hook tells of that. */
  readonly isInTurn: boolean
  /** Tells the hub, soon and together with other news. Says whether the hub has heard it, or is away. */
  report(news: News): Promise<boolean>
  close(): void
}

export function createActivity(parts: {
  readonly link: Pick<HubLink, 'ask'>
  readonly mailbox: Mailbox
  readonly status: Pick<StatusFile, 'read' | 'watch'>
  /** The agent does something else now, or the hub has said what is unread. */
  readonly onChange: () => void
}): Activity {
  const { mailbox, status } = parts
  let told: Seen | undefined
  let known = ''
  let unsent: News | undefined
  let sending: Promise<boolean> | undefined
  let sentAt = performance.now()

  const ticking = setInterval(() => void tick(), LOOK_MS).unref()
  const unwatch = status.watch(noteIdle)

  async function tick(): Promise<void> {
    noteIdle()
    if (told !== undefined && told.state !== 'idle' && performance.now() - sentAt >= SIGN_MS) await report({})
  }

  /** As soon as its client says so, lest the next prompt be taken for one that is typed into the turn before. */
  function noteIdle(): void {
    if (told === undefined || told.state === 'idle') return
    const found = look()
    if (found?.state === 'idle') note(found)
  }

  function look(): Seen | undefined {
    return newerOf(told, status.read())
  }

  function set(state: ClientStatus['state'], waitingFor?: string): void {
    note({ state, since: performance.now(), isTold: true, ...(waitingFor === undefined ? {} : { waitingFor }) })
  }

  function note(seen: Seen): void {
    told = seen
    const { state, waitingFor } = seen
    const now = `${state} ${waitingFor ?? ''}`
    if (now === known) return
    known = now
    void report({ activity: state, ...(waitingFor === undefined ? {} : { waiting_for: waitingFor }) })
    parts.onChange()
  }

  function report(news: News): Promise<boolean> {
    const { rang = 0, facts } = unsent ?? {}
    const rings = rang + (news.rang ?? 0)
    unsent = {
      ...unsent,
      ...news,
      ...(rings === 0 ? {} : { rang: Math.min(rings, 100) }),
      ...(facts === undefined ? {} : { facts: { ...facts, ...news.facts } }),
    }
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  async function send(): Promise<boolean> {
    // After the answer to the hook, or after what the answer waits for; whatever else the hook has to say goes along.
    await nextTurn()
    while (unsent !== undefined) {
      const news = unsent
      unsent = undefined
      sentAt = performance.now()
      const answered = mailbox.asking()
      try {
        answered(await parts.link.ask('heartbeat', news, { deadlineMs: PATIENCE_MS }))
      } catch {
        // Told again when the hub is back.
        unsent = { ...news, ...(unsent as News | undefined) }
        return false
      }
      parts.onChange()
    }
    return true
  }

  return {
    get told() {
      return told
    },
    get isSaidIdle() {
      return status.read()?.state === 'idle'
    },
    get isInTurn() {
      const found = status.read()
      if (told?.state !== 'busy' || found === undefined) return told?.state === 'busy'
      return found.state === 'busy' && found.since <= told.since + TURN_BEGINS_MS
    },
    set,
    look,
    report,
    close() {
      clearInterval(ticking)
      unwatch()
    },
  }
}
