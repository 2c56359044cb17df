import { setTimeout as sleep } from 'node:timers/promises'
import type { Activity } from '../activity.ts'
import type { StatusFile } from '../client-status.ts'
import type { RouteMemory } from './memory.ts'
import { bellLine, type Route } from './routes.ts'

/** A client that hears the bell starts a turn within half a second. */
const ANSWER_MS = 5_000
const MAX_UNANSWERED = 3
/** A client that has just started says idle before it takes up the prompt that it was started with. */
const FRESH_MS = 1_000
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

interface Rung {
  readonly at: number
  readonly mark: string
  readonly route: string
}

/**
 * Wakes an idle session whose mail may ring. Many messages, one ring:
 *
 *   quiet ──urgent mail, idle──▶ rung ──a prompt comes──▶ quiet, until mail or reading changes what is unread
 *     ▲                           │ 5 s without, still unread, still idle
 *     └── read by other means ────┴──▶ rung again; after the third in vain by the next route
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
  readonly status: StatusFile
  /** The best first. */
  readonly routes: readonly Route[]
  readonly memory: RouteMemory
  /** Whether hooks of this session have been seen: without, a prompt can only be told by the status file. */
  readonly hasHooks: () => boolean
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
      if (rung && !tryOn(rung)) return
      await ring()
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
    const leftMs = rung === undefined ? 0 : rung.at + ANSWER_MS - performance.now()
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
    const freshMs = found.since + FRESH_MS - performance.now()
    if (parts.hasHooks() || freshMs <= 0) return true
    later(freshMs + 1)
    return false
  }

  async function ring(): Promise<void> {
    const here = parts.routes.filter(route => route.isHere())
    const trusted = here.filter(route => !memory.isDegraded(route.name))
    // Better a bell that was not heard lately than none.
    for (const route of trusted.length > 0 ? trusted : here) {
      // Not the next route instead: it may be keys typed into the person's terminal.
      const restMs = route.restMs()
      if (restMs > 0) return later(restMs)
      try {
        const { mark } = mail
        await route.ring(bellLine(mail.messages, ++rings))
        rung = { at: performance.now(), mark, route: route.name }
        void activity.report({ rang: 1 })
        return later(ANSWER_MS + 1)
      } catch (error) {
        parts.log(`${route.name}: ${(error as Error).message}`)
      }
    }
    // A draft stands in the prompt, say.
    if (here.length > 0) later(ANSWER_MS)
  }

  /** Says whether to ring again. */
  function tryOn({ route, mark }: Rung): boolean {
    unanswered++
    if (unanswered < MAX_UNANSWERED) return true
    unanswered = 0
    rung = undefined
    parts.log(`${route}: rang ${MAX_UNANSWERED} times in vain`)
    const wasTrusted = !memory.isDegraded(route)
    memory.degrade(route)
    const isAnyLeft = parts.routes.some(each => each.isHere() && !memory.isDegraded(each.name))
    // Until something new happens.
    if (!wasTrusted || !isAnyLeft) answeredMark = mark
    return isAnyLeft
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
