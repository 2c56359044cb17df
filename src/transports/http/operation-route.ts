import type { ServerResponse } from 'node:http'
import type { Caller } from '../../bus/access.ts'
import { BusError } from '../../bus/errors.ts'
import type { Patience } from '../../operations/operation.ts'
import type { Exchange } from './exchange.ts'
import { limitedBody, utf8 } from './guards/body.ts'
import { declaredJson, parsedObject } from './guards/json.ts'
import { idempotencyKey } from './guards/key.ts'
import type { Abortable } from './hub-port.ts'
import { JSON_HEADERS } from './render-error.ts'

/** `POST /v1/<operation>`: the body is its input, the answer its output. */
export function operationHandler(operation: string) {
  return async (exchange: Exchange, caller: Caller): Promise<Response> => {
    const { hub, incoming } = exchange
    const startedAt = performance.now()
    let outcome = 'ok'
    const patience = new RequestPatience(exchange.outgoing)
    hub.running.add(patience)
    try {
      declaredJson(incoming)
      const key = idempotencyKey(incoming)
      const input = parsedObject(utf8(await limitedBody(incoming)))
      const output = await hub.invoke({
        operation,
        input,
        caller,
        patience,
        ...(key === undefined ? {} : { key }),
      })
      return new Response(JSON.stringify(output), { headers: JSON_HEADERS })
    } catch (error) {
      outcome = error instanceof BusError ? error.code : 'internal'
      throw error
    } finally {
      patience.end()
      hub.running.delete(patience)
      const seconds = (performance.now() - startedAt) / 1000
      // The answer leaves first.
      setImmediate(() => hub.metrics.observe(operation, outcome, seconds))
    }
  }
}

/** Of one request: over when its caller goes away, or the hub stops. */
class RequestPatience implements Patience, Abortable {
  readonly #outgoing: ServerResponse
  readonly #onGone = () => this.abort(GONE)
  #controller: AbortController | undefined
  #reason: unknown

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  /** Made when somebody asks for it: only what waits does. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.#outgoing.once('close', this.#onGone)
      if (this.#outgoing.destroyed) this.abort(GONE)
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }

  end(): void {
    if (this.#controller !== undefined) this.#outgoing.off('close', this.#onGone)
  }
}

const GONE = new Error('the caller went away')
