/** Requests in progress. A stop ends their waiting at once, and lets their work finish. */
export class Running {
  readonly #controllers = new Set<AbortController>()
  #isStopping = false
  #onIdle: (() => void) | undefined

  add(controller: AbortController): void {
    this.#controllers.add(controller)
    if (this.#isStopping) controller.abort(STOPPING)
  }

  delete(controller: AbortController): void {
    this.#controllers.delete(controller)
    if (this.#controllers.size === 0) this.#onIdle?.()
  }

  /** Resolves when nothing runs any more, or after `maxMs`. */
  async finish(maxMs: number): Promise<void> {
    this.#isStopping = true
    for (const controller of this.#controllers) controller.abort(STOPPING)
    if (this.#controllers.size === 0) return
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
