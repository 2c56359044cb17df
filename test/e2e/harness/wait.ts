export interface WaitOptions {
  timeoutMs?: number
  everyMs?: number
  /** Added to the error when the wait ends in vain: what was there instead. */
  detail?: () => string | Promise<string>
}

/** Asks until the answer is something: tests wait for conditions, never for a fixed time. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 120_000, everyMs = 50, detail }: WaitOptions = {},
): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() >= giveUpAt) break
    // biome-ignore lint/plugin: it asks until a condition holds.
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
  const instead = detail === undefined ? '' : `; instead: ${await detail()}`
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}${instead}`)
}
