/**
 * Who waits for the next event of the log. Being woken is a hint: the waiter reads again and may find that the event
 * was not for it. Whoever wants to miss nothing begins to wait before it looks.
 */
export class Arrivals {
  readonly #waiting = new Set<(arrived: boolean) => void>()

  announce(): void {
    for (const wake of [...this.#waiting]) wake(true)
  }

  /** True with the next arrival, false after `ms` or on abort. */
  next(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    return new Promise(resolve => {
      const settle = (arrived: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(settle)
        resolve(arrived)
      }
      const onAbort = () => settle(false)
      const timer = setTimeout(settle, ms, false)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(settle)
    })
  }

  close(): void {
    for (const wake of [...this.#waiting]) wake(false)
  }
}
