import { BusError } from '../bus/errors.ts'

/**
 * Who waits for the next event of the log. Being woken is a hint: the waiter reads again and may find that the event
 * was not for it. A caller that must miss none begins to wait before it reads.
 */
export class Arrivals {
  readonly #waiting = new Set<(arrived: boolean | BusError) => void>()
  #closed: BusError | undefined

  announce(): void {
    for (const wake of [...this.#waiting]) wake(true)
  }

  /**
   * True with the next arrival, false after `ms` or on abort. Rejects when the hub stops: a caller that waits for mail
   * must not take the hub's end for "nothing new".
   */
  next(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#closed) return Promise.reject(this.#closed)
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve, reject) => {
      const settle = (arrived: boolean | BusError) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(settle)
        if (arrived instanceof BusError) reject(arrived)
        else resolve(arrived)
      }
      const onAbort = () => settle(false)
      const timer = setTimeout(settle, ms, false)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(settle)
    })
  }

  close(): void {
    this.#closed = new BusError('hub_unavailable', 'the hub stops', {
      next: 'Try again: the next call starts another.',
    })
    for (const wake of [...this.#waiting]) wake(this.#closed)
  }
}
