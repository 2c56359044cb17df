import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  type WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'

/**
 * Ends the stream of a request that its client has cancelled, without an answer, as the protocol asks for. The SDK's server
 * never answers such a request, and its transport waits for that answer: the stream would stay open as long as the
 * session, and count as a call in progress. To be called when the server is connected, which hears of each message first.
 */
export function endCancelled(transport: WebStandardStreamableHTTPServerTransport): void {
  const unanswered = new Set<RequestId>()
  const { onmessage } = transport
  const send = transport.send.bind(transport)

  transport.onmessage = (message, extra) => {
    if (isJSONRPCRequest(message)) unanswered.add(message.id)
    onmessage?.(message, extra)
    const id = cancelledId(message)
    if (id === undefined || !unanswered.delete(id)) return
    transport.closeSSEStream(id)
    // Written nowhere, since its stream is closed: it makes the transport forget the request.
    void send({ jsonrpc: '2.0', id, error: { code: 0, message: 'cancelled' } }).catch(() => undefined)
  }
  transport.send = (message, options) => {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) unanswered.delete(message.id!)
    return send(message, options)
  }
}

function cancelledId(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  return (message.params as { requestId?: RequestId } | undefined)?.requestId
}
