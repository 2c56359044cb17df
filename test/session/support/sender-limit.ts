/** What the client (2.1.329) takes of one sender's lines: so many at once, and then in a second. */
const LINES = 30
const LINES_PER_SECOND = 0.5

/** Says of each line whether the client takes it: none that equals the last it took, and not too many. */
export function senderLimit(): (line: string) => boolean {
  // biome-ignore-start lint/plugin: the client's own limit goes by the clock.
  let [last, tokens, at] = ['', LINES, performance.now()]
  return line => {
    const now = performance.now()
    // biome-ignore-end lint/plugin: see above
    tokens = Math.min(LINES, tokens + ((now - at) / 1_000) * LINES_PER_SECOND)
    at = now
    if (line === last || tokens < 1) return false
    last = line
    tokens--
    return true
  }
}
