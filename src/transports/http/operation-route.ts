import type { Caller } from '../../bus/access.ts'
import { BusError } from '../../bus/errors.ts'
import type { Exchange } from './exchange.ts'
import { limitedBody, utf8 } from './guards/body.ts'
import { declaredJson, parsedObject } from './guards/json.ts'
import { idempotencyKey } from './guards/key.ts'
import { JSON_HEADERS } from './render-error.ts'

/** `POST /v1/<operation>`: the body is its input, the answer its output. */
export function operationHandler(operation: string) {
  return async (exchange: Exchange, caller: Caller): Promise<Response> => {
    const { hub, incoming, outgoing } = exchange
    const startedAt = performance.now()
    let outcome = 'ok'
    const controller = new AbortController()
    const onGone = () => controller.abort(GONE)
    hub.running.add(controller)
    outgoing.once('close', onGone)
    try {
      declaredJson(incoming)
      const key = idempotencyKey(incoming)
      const input = parsedObject(utf8(await limitedBody(incoming)))
      const output = await hub.invoke({
        operation,
        input,
        caller,
        ...(key === undefined ? {} : { key }),
        // Made when somebody asks for it (15 µs): only what waits does.
        get signal() {
          return controller.signal
        },
      })
      return new Response(JSON.stringify(output), { headers: JSON_HEADERS })
    } catch (error) {
      outcome = error instanceof BusError ? error.code : 'internal'
      throw error
    } finally {
      outgoing.off('close', onGone)
      hub.running.delete(controller)
      const seconds = (performance.now() - startedAt) / 1000
      // The answer leaves first.
      setImmediate(() => hub.metrics.observe(operation, outcome, seconds))
    }
  }
}

const GONE = new Error('the caller went away')
