import { BusError, ERRORS, type ErrorBody } from '../../bus/errors.ts'

/** On every answer: nothing of the bus belongs in a cache, or is to be taken for another type than it says. */
export const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/** The one place where this door puts a refusal into words. Faults of ours say nothing of the inside. */
export function renderError(error: unknown): Response {
  const body = errorBody(error)
  return new Response(JSON.stringify({ error: body }), {
    status: ERRORS[body.code].status,
    headers: {
      ...JSON_HEADERS,
      ...(body.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="switchboard"' } : {}),
      ...retryAfter(body),
      ...(body.code === 'too_large' ? { connection: 'close' } : {}),
    },
  })
}

function retryAfter({ details }: ErrorBody): Record<string, string> {
  const seconds = details?.retry_after_seconds
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

function errorBody(error: unknown): ErrorBody {
  if (error instanceof BusError) return error.toBody()
  return { code: 'internal', message: 'something failed inside the hub', next: 'See the log of the hub.' }
}

/** The same for requests that never became one: written by hand, because there is no response object yet. */
export function rawError(error: BusError): string {
  const body = JSON.stringify({ error: error.toBody() })
  const headers = Object.entries({ ...JSON_HEADERS, 'content-length': Buffer.byteLength(body), connection: 'close' })
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${ERRORS[error.code].status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
