import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import type { Client } from '../client/index.ts'

/** Most answers come within milliseconds; only one that takes longer makes us ask whether the hub is alive. */
const FIRST_ASK_MS = 1_000
const ANSWER_MS = 600
const NEXT_ASK_MS = 10_000
/** A hub that has just been started may hang too. */
const NEXT_ASK_WHILE_AWAY_MS = 200

/**
 * Runs a call for as long as the hub shows that it lives. A hub that hangs (stopped, swapped out, on a dead network)
 * accepts connections and answers none, and a call that may wait for minutes could not tell. One that is gone is not
 * our affair before `awayUntil`: the call sees that for itself, and finds or starts the next one.
 */
export async function whileHubLives<T>(
  client: Client,
  { signal, awayUntil }: { readonly signal: AbortSignal; readonly awayUntil: number },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const watching = new AbortController()
  const watch = async () => {
    let waitMs = FIRST_ASK_MS
    for (;;) {
      await sleep(waitMs, undefined, { signal: watching.signal })
      const isThere = await answers(client, watching.signal)
      if (!isThere && performance.now() > awayUntil + NEXT_ASK_WHILE_AWAY_MS) throw isGone()
      waitMs = isThere ? NEXT_ASK_MS : NEXT_ASK_WHILE_AWAY_MS
    }
  }
  watch().catch(error => {
    if (!watching.signal.aborted) ending.abort(error)
  })
  try {
    return await run(AbortSignal.any([signal, ending.signal]))
  } finally {
    watching.abort()
  }
}

/** Whether somebody answers there; throws where somebody listens and does not. */
async function answers(client: Client, signal: AbortSignal): Promise<boolean> {
  const late = AbortSignal.timeout(ANSWER_MS)
  try {
    await client.request('GET', '/healthz', { deadlineMs: 0, signal: AbortSignal.any([late, signal]) })
    return true
  } catch {
    if (late.aborted) throw hangs()
    return false
  }
}

const UNKNOWN = 'What you asked for may have been done: look before you repeat it.'

function hangs(): BusError {
  return new BusError('hub_unavailable', 'the hub is there but does not answer', {
    next: `Go on with your work and try again later. ${UNKNOWN}`,
  })
}

function isGone(): BusError {
  return new BusError('hub_unavailable', 'no hub answered: the one that was asked is gone', {
    next: `Try again in a moment. ${UNKNOWN}`,
  })
}
