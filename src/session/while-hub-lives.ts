import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import type { Client } from '../client/index.ts'

/** Most answers come within milliseconds; only one that takes longer makes us ask whether the hub is alive. */
const FIRST_ASK_MS = 1_000
const ANSWER_MS = 600
const NEXT_ASK_MS = 10_000

/**
 * Runs a call for as long as the hub shows that it lives. A hub that hangs (stopped, swapped out, on a dead network)
 * accepts connections and answers none, and a call that may wait for minutes could not tell.
 */
export async function whileHubLives<T>(
  client: Client,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const watching = new AbortController()
  const watch = async () => {
    for (let waitMs = FIRST_ASK_MS; ; waitMs = NEXT_ASK_MS) {
      await sleep(waitMs, undefined, { signal: watching.signal })
      const asked = AbortSignal.any([AbortSignal.timeout(ANSWER_MS), watching.signal])
      await client.request('GET', '/healthz', { deadlineMs: 0, signal: asked })
    }
  }
  watch().catch(() => {
    if (!watching.signal.aborted) ending.abort(hangs())
  })
  try {
    return await run(AbortSignal.any([signal, ending.signal]))
  } finally {
    watching.abort()
  }
}

function hangs(): BusError {
  return new BusError('hub_unavailable', 'the hub is there but does not answer', {
    next: 'Go on with your work and try again later. What you asked for may have been done: look before you repeat it.',
  })
}
