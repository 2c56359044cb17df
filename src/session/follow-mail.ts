import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import type { Event } from '../bus/event.ts'
import { isEndedOnPurpose, isUnknown, type Joined, type Membership } from './membership.ts'

const FIRST_PAUSE_MS = 50
const MAX_PAUSE_MS = 2_000

/**
 * Holds the session's one stream for as long as the process lives: it brings mail, and says that the session is there.
 * Goes on after the last id it has seen, through hubs that stop, restart or forget. Resolves on abort.
 */
export async function followMail(options: {
  readonly membership: Membership
  readonly onMail: (events: readonly Event[]) => void
  /** The stream is open (again): what came before it must be asked for. */
  readonly onReady: () => void
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}): Promise<void> {
  const { membership, signal } = options
  const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
  let how: 'start' | 'wait' = 'start'
  let pauseMs = FIRST_PAUSE_MS
  let cursor: number | undefined

  async function followOnce(session: Joined): Promise<void> {
    const after = cursor === undefined ? {} : { after: cursor }
    const ended = AbortSignal.any([signal, session.over])
    for await (const item of session.watcher.stream({ mine: true, attach: true, ...after, signal: ended })) {
      pauseMs = FIRST_PAUSE_MS
      if (item.kind === 'ready') {
        cursor ??= item.newest
        options.onReady()
      }
      if (item.kind !== 'event') continue
      cursor = item.event.id
      options.onMail([item.event])
    }
  }

  function note(error: unknown, session: Joined | undefined): void {
    if (isEndedOnPurpose(error)) membership.leave()
    else if (isUnknown(error) && session) membership.drop(session)
    else if (!(error instanceof BusError && error.code === 'hub_unavailable')) options.log(`stream: ${error}`)
  }

  while (!signal.aborted) {
    let session: Joined | undefined
    try {
      await Promise.race([membership.isIn(), aborted])
      session = await membership.join(how)
      how = 'wait'
      await followOnce(session)
    } catch (error) {
      if (signal.aborted) return
      how = 'wait'
      note(error, session)
    }
    await Promise.race([sleep(pauseMs), aborted])
    pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)
  }
}
