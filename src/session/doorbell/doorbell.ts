import { setTimeout as sleep } from 'node:timers/promises'
import type { WakeRoute } from '../../bus/wake-routes.ts'
import type { Activity } from '../activity.ts'
import type { StatusFile } from '../client-status.ts'
import { calmFrom } from '../idle.ts'
import type { RouteMemory } from './memory.ts'
import { type Outcome, type Route, routesOfWake } from './routes.ts'
import { wakeLine } from './wake-line.ts'

/** A client that hears the bell starts a turn within half a second. */
const ANSWER_MS = 5_000
const MAX_UNANSWERED = 3
/** A change of the status file comes as several events. */
const SETTLE_MS = 20

export interface WaitingMail {
  /** Some of it may ring. */
  readonly isUrgent: boolean
  /** No need to ask the hub whether it is there still. */
  readonly isCertain: boolean
  readonly messages: number
  /** Changes with all that comes and all that is read. */
  readonly mark: string
}

/** A wake that was sent, or is being sent, and that no prompt has answered. */
interface Rung {
  readonly mark: string
  readonly route: WakeRoute
  /** When the client was seen to run after it; its silence counts from then on. */
  runsAt: number | undefined
}

/**
 * Wakes an idle session whose mail may ring. Many messages, one ring:
 *
 *   quiet ──urgent mail, idle──▶ rung ──a prompt comes──▶ quiet, until mail or reading changes what is unread
 *     ▲                           │ the client runs, and 5 s without, still unread, still idle
 *     └── read by other means ────┴──▶ rung again on the same route; after the third in vain quiet, and what comes
 *                                      next takes the next route
 *
 * A client that stands still may hear the ring when it goes on: nothing follows it before the client runs.
 */
export interface Doorbell {
  /** Something has changed: mail, activity, the hub. */
  consider(): void
  /** A turn has begun. */
  answered(): void
  /** The hub has been away: what it says now is new, also where the numbers are the same. */
  afresh(): void
  close(): void
}

export function createDoorbell(parts: {
  readonly mail: WaitingMail
  readonly activity: Activity
  readonly status: Pick<StatusFile, 'read' | 'watch'>
  /** The best first. */
  readonly routes: readonly Route[]
  readonly memory: RouteMemory
  /** Resolves once the client has answered, however long it stands still; rejects where that is never known. */
  readonly whenClientRuns: () => Promise<void>
  readonly log: (message: string) => void
}): Doorbell {
  const { mail, activity, memory } = parts
  const closing = new AbortController()
  let working = false
  let isAsked = false
  let rung: Rung | undefined
  /** What was unread when the last ring was answered: the same again would ring for ever. */
  let answeredMark: string | undefined
  let unanswered = 0
  let rings = 0
  let unwatch: (() => void) | undefined
  let timer: { at: number; handle: NodeJS.Timeout } | undefined

  function later(ms: number): void {
    const at = performance.now() + ms
    if (timer && timer.at <= at) return
    clearTimeout(timer?.handle)
    const handle = setTimeout(() => {
      timer = undefined
      consider()
    }, ms).unref()
    timer = { at, handle }
  }

  function consider(): void {
    isAsked = true
    if (working || closing.signal.aborted) return
    working = true
    void work().finally(() => {
      working = false
      if (isAsked) consider()
    })
  }

  async function work(): Promise<void> {
    isAsked = false
    try {
      if (!mayRing()) return
      // The stream may have told of what was read since.
      if (!mail.isCertain && !((await askedHub()) && mayRing())) return
      const routes = routesOfWake(parts.routes, { open: rung?.route, isDegraded: memory.isDegraded })
      if (routes.length === 0 || (rung && !tryOn(rung))) return
      await ring(routes)
    } catch (error) {
      parts.log(`doorbell: ${error}`)
    }
  }

  async function askedHub(): Promise<boolean> {
    const isKnown = await activity.report({})
    // Its answer asks to be considered, which is what happens next.
    isAsked = false
    return isKnown
  }

  /** Where now is not the time, it will be asked again when that changes. */
  function mayRing(): boolean {
    if (!mail.isUrgent) {
      rest()
      return false
    }
    if (!isIdle()) {
      listen()
      return false
    }
    if (mail.mark === answeredMark) return false
    if (rung === undefined) return true
    if (rung.runsAt === undefined) return false
    return isPast(rung.runsAt + ANSWER_MS)
  }

  /** Where it is not, it will be considered then. */
  function isPast(at: number): boolean {
    const leftMs = at - performance.now()
    if (leftMs > 0) later(leftMs + 1)
    return leftMs <= 0
  }

  function isIdle(): boolean {
    const found = activity.look()
    if (found?.state !== 'idle') {
      // Without hooks a turn shows itself here.
      if (rung && found !== undefined) answered()
      return false
    }
    return isPast(calmFrom(found))
  }

  async function ring(routes: readonly Route[]): Promise<void> {
    for (const route of routes) {
      // Not the next route instead, which may be a worse one.
      const restMs = route.restMs()
      if (restMs > 0) return later(restMs)
      const before = rung
      const sent: Rung = { mark: mail.mark, route: route.name, runsAt: undefined }
      // Before it is sent: the prompt that it starts may come sooner than what is known of the sending.
      rung = sent
      const outcome = await ringOn(route)
      if (outcome.is !== 'sent') parts.log(`${route.name}: ${outcome.why}`)
      if (outcome.is !== 'failed') {
        void activity.report({ rang: 1 })
        return hear(sent)
      }
      if (rung !== sent) return
      rung = before
    }
    // A draft stands in the prompt, say.
    later(ANSWER_MS)
  }

  async function ringOn(route: Route): Promise<Outcome> {
    try {
      return await route.ring(wakeLine(mail.messages, ++rings))
    } catch (error) {
      return { is: 'unknown', why: (error as Error).message }
    }
  }

  function hear(sent: Rung): void {
    parts.whenClientRuns().then(
      () => {
        if (rung !== sent) return
        sent.runsAt = performance.now()
        later(ANSWER_MS + 1)
      },
      () => undefined,
    )
  }

  /** Says whether to ring again. */
  function tryOn({ route, mark }: Rung): boolean {
    unanswered++
    if (unanswered < MAX_UNANSWERED) return true
    unanswered = 0
    rung = undefined
    parts.log(`${route}: rang ${MAX_UNANSWERED} times in vain`)
    memory.degrade(route)
    // Until something new happens: the client may still have the rings.
    answeredMark = mark
    return false
  }

  function answered(): void {
    if (!rung) return
    answeredMark = rung.mark
    memory.proved(rung.route)
    rung = undefined
    unanswered = 0
  }

  /** Until the agent is idle. */
  function listen(): void {
    unwatch ??= parts.status.watch(() => {
      sleep(SETTLE_MS, undefined, { signal: closing.signal }).then(consider, () => undefined)
    })
  }

  function rest(): void {
    unwatch?.()
    unwatch = undefined
    rung = undefined
    unanswered = 0
  }

  return {
    consider,
    answered,
    afresh() {
      answeredMark = undefined
      consider()
    },
    close() {
      closing.abort()
      rest()
      clearTimeout(timer?.handle)
    },
  }
}
