import type { Readable, Writable } from 'node:stream'
import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type Server,
  type Transport,
} from '@modelcontextprotocol/server'
import { faultInJson, LEVELS_AROUND_ARGUMENTS } from '../../bus/json-text.ts'
import { ID_IN_USE, isObject, NO_BATCHES, plainMessage } from './client-ways.ts'
import { createLineCutter } from './json-lines.ts'

/** Looks at each message before the server does, and says whether it has dealt with it: it answers what it has taken. */
export type Aside = (message: Readonly<Record<string, unknown>>, answer: (result: object) => void) => boolean

/** The hub refuses bodies over 2 MiB; this leaves room for its refusal to be the one that is read. */
const MAX_LINE_BYTES = 8 * 1024 * 1024

/** How long answers may take after the end of the input; longer than a hub takes to start. What still waits then is told so. */
const LAST_ANSWERS_MS = 10_000

/** As the SDK calls it, for what a connection that closes leaves open. */
const CONNECTION_CLOSED = -32000
const NOT_IN_TIME = 'Connection closed: the input ended, and this request still waited'

/**
 * MCP over stdin and stdout. The SDK's own transport closes for good on a line that is too long and passes over a
 * malformed one in silence; nothing restarts a session's server, so this one answers both with the errors of the
 * JSON-RPC specification and goes on.
 *
 * `server/discover`, the probe of revision 2026-07-28, is answered with "method not found", because the server knows
 * 2025-era revisions only: so the client goes on with `initialize` and stays on a revision with notifications.
 */
export async function serveStdio(
  server: Server,
  options: {
    readonly aside?: Aside
    readonly input?: Readable
    readonly output?: Writable
    readonly lastAnswersMs?: number
  } = {},
): Promise<void> {
  const { aside, input = process.stdin, output = process.stdout, lastAnswersMs = LAST_ANSWERS_MS } = options
  const write = (message: unknown) =>
    new Promise<void>((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, error => (error ? reject(error) : resolve()))
    })
  const refuse = (id: string | number | null, code: number, message: string) =>
    write({ jsonrpc: '2.0', id, error: { code, message } }).catch(() => undefined)

  const onLine = (written: string): void => {
    // Some shells begin what they pipe with a mark of its byte order.
    const line = written.replace(/^\ufeff/, '')
    if (line.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      void refuse(null, ProtocolErrorCode.ParseError, 'Parse error: expected one JSON-RPC message per line')
      return
    }
    const fault = faultInJson(line, LEVELS_AROUND_ARGUMENTS)
    if (fault !== undefined) {
      void refuse(idOf(value), ProtocolErrorCode.InvalidParams, fault)
      return
    }
    if (Array.isArray(value)) {
      void refuse(null, ProtocolErrorCode.InvalidRequest, NO_BATCHES)
      return
    }
    const plain = plainMessage(value)
    if (isObject(plain) && 'method' in plain && 'id' in plain && unanswered.has(idOf(plain))) {
      // The server would give both answers to one of them, and no end to the other.
      void refuse(idOf(plain), ProtocolErrorCode.InvalidRequest, ID_IN_USE)
      return
    }
    if (isObject(plain)) accepted(plain)
    if (aside !== undefined && isObject(plain)) {
      const { id } = plain
      if (aside(plain, result => void answer({ jsonrpc: '2.0', id, result }).catch(() => undefined))) return
    }
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(plain)
    } catch {
      unanswered.delete(idOf(plain))
      void refuse(idOf(value), ProtocolErrorCode.InvalidRequest, 'Invalid Request: expected a JSON-RPC 2.0 message')
      return
    }
    try {
      transport.onmessage?.(message)
    } catch {
      void refuse(idOf(value), ProtocolErrorCode.InternalError, 'Internal error')
    }
  }
  const cut = createLineCutter({
    maxBytes: MAX_LINE_BYTES,
    onLine,
    onBroken: () => void refuse(null, ProtocolErrorCode.ParseError, 'Parse error: expected UTF-8'),
    onTooLong: () =>
      void refuse(null, ProtocolErrorCode.InvalidRequest, `Invalid Request: longer than ${MAX_LINE_BYTES} bytes`),
  })
  /** Requests that were accepted and not answered yet. A cancelled one never is. */
  const unanswered = new Set<string | number | null>()
  let hasEnded = false
  const accepted = ({ method, id, params }: Record<string, unknown>) => {
    if (method === 'notifications/cancelled')
      unanswered.delete(idOf({ id: (params as { requestId?: unknown })?.requestId }))
    else if (typeof method === 'string' && id !== undefined) unanswered.add(idOf({ id }))
  }
  const answer = async (message: unknown) => {
    await write(message)
    const { method } = message as { method?: unknown }
    if (method === undefined) unanswered.delete(idOf(message))
    if (hasEnded && unanswered.size === 0) await transport.close()
  }
  const onGone = () => void transport.close()
  /** No more requests come, but their answers may still be read: `printf … | switchboard mcp`. */
  const onEnd = () => {
    cut.end()
    hasEnded = true
    if (unanswered.size === 0) return onGone()
    setTimeout(() => {
      const late = [...unanswered].map(id => refuse(id, CONNECTION_CLOSED, NOT_IN_TIME))
      void Promise.all(late).then(onGone)
    }, lastAnswersMs).unref()
  }

  const transport: Transport = {
    async start() {
      input.on('data', cut.add)
      input.once('end', onEnd)
      // Broken on either side: the client is gone.
      input.on('error', onGone)
      output.on('error', onGone)
    },
    send: answer,
    async close() {
      input.off('data', cut.add)
      input.pause()
      const { onclose } = transport
      delete transport.onclose
      onclose?.()
    },
  }
  await server.connect(transport)
}

function idOf(value: unknown): string | number | null {
  const id = (value as { id?: unknown } | null)?.id
  return typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) ? id : null
}
