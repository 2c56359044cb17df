import type { Exchange } from './exchange.ts'
import { openapi } from './openapi.ts'
import { JSON_HEADERS } from './render-error.ts'

/** Whether a hub answers here at all, and which: the only thing that anybody may ask. */
export function health({ hub }: Exchange): Response {
  return json({ ok: true, name: 'switchboard', version: hub.version })
}

export async function describeHub({ hub }: Exchange): Promise<Response> {
  return json(await hub.describe())
}

/** Looks through the whole store; the hub does nothing else for as long. */
export async function checkStore({ hub }: Exchange): Promise<Response> {
  return json(await hub.checkStore())
}

/** Answers first, then stops: the caller learns that it was heard. */
export function stopHub({ hub, outgoing }: Exchange): Response {
  outgoing.once('close', () => hub.stop())
  return json({ stopping: true })
}

export async function metrics({ hub }: Exchange): Promise<Response> {
  return new Response(await hub.metrics.text(), {
    headers: { ...JSON_HEADERS, 'content-type': hub.metrics.contentType },
  })
}

export function describeApi({ hub }: Exchange): Response {
  return json(openapi(hub.version))
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: JSON_HEADERS })
}
