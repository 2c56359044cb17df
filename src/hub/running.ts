import type { Abortable } from '../transports/http/hub-port.ts'

/** Requests in progress. A stop ends their waiting at once, and lets their work finish. */
export class Running {
  readonly #requests = new Set<Abortable>()
  #isStopping = false
  #onIdle: (() => void) | undefined

  add(request: Abortable): void {
    this.#requests.add(request)
    if (this.#isStopping) request.abort(STOPPING)
  }

  delete(request: Abortable): void {
    this.#requests.delete(request)
    if (this.#requests.size === 0) this.#onIdle?.()
  }

  /** Resolves when nothing runs any more, or after `maxMs`. */
  async finish(maxMs: number): Promise<void> {
    this.#isStopping = true
    for (const request of this.#requests) request.abort(STOPPING)
    if (this.#requests.size === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, maxMs)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const STOPPING = new Error('the hub stops')
