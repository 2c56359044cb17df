import type { Caller } from '../../bus/access.ts'
import type { Exchange } from './exchange.ts'
import { limitedBody, utf8 } from './guards/body.ts'
import { declaredJson, harmlessJson } from './guards/json.ts'

/**
 * `/mcp`: Streamable HTTP, behind the same guards as every other route. The body is read here, within its limits, and
 * handed on complete; what is no JSON-RPC is for the protocol to say.
 */
export async function mcpHandler({ hub, incoming, request }: Exchange, caller: Caller): Promise<Response> {
  if (request.method !== 'POST') return await hub.mcp.fetch(request, caller)
  declaredJson(incoming)
  const text = utf8(await limitedBody(incoming))
  harmlessJson(text)
  const { url, headers, signal } = request
  return await hub.mcp.fetch(new Request(url, { method: 'POST', headers, body: text, signal }), caller)
}
