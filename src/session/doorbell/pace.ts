/** Says when something may be done that may be done so often at once, and then so often a second: a token bucket. */
export interface Pace {
  /** How long until it may be done, in ms; 0: now. */
  restMs(): number
  /** It is done. */
  done(): void
}

export function createPace(options: { burst: number; perSecond: number; now?: () => number }): Pace {
  const { burst, perSecond, now = () => performance.now() } = options
  let tokens = burst
  let countedAt = now()

  function refill(): void {
    const at = now()
    tokens = Math.min(burst, tokens + ((at - countedAt) / 1_000) * perSecond)
    countedAt = at
  }

  return {
    restMs() {
      refill()
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000)
    },
    done() {
      refill()
      tokens--
    },
  }
}
