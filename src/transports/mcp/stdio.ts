import type { Readable, Writable } from 'node:stream'
import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type Server,
  type Transport,
} from '@modelcontextprotocol/server'
import { faultInJson, LEVELS_AROUND_ARGUMENTS } from '../../bus/json-text.ts'
import { createLineCutter } from './json-lines.ts'

/** Looks at each message before the server does, and says whether it has dealt with it: it answers what it has taken. */
export type Aside = (message: Readonly<Record<string, unknown>>, answer: (result: object) => void) => boolean

/** The hub refuses bodies over 2 MiB; this leaves room for its refusal to be the one that is read. */
const MAX_LINE_BYTES = 8 * 1024 * 1024

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
  options: { readonly aside?: Aside; readonly input?: Readable; readonly output?: Writable } = {},
): Promise<void> {
  const { aside, input = process.stdin, output = process.stdout } = options
  const write = (message: unknown) =>
    new Promise<void>((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, error => (error ? reject(error) : resolve()))
    })
  const refuse = (id: string | number | null, code: number, message: string) =>
    void write({ jsonrpc: '2.0', id, error: { code, message } }).catch(() => undefined)

  const onLine = (line: string): void => {
    if (line.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      refuse(null, ProtocolErrorCode.ParseError, 'Parse error: expected one JSON-RPC message per line')
      return
    }
    const fault = faultInJson(line, LEVELS_AROUND_ARGUMENTS)
    if (fault !== undefined) {
      refuse(idOf(value), ProtocolErrorCode.InvalidParams, fault)
      return
    }
    if (aside !== undefined && isObject(value)) {
      const { id } = value
      if (aside(value, result => void write({ jsonrpc: '2.0', id, result }).catch(() => undefined))) return
    }
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(value)
    } catch {
      refuse(idOf(value), ProtocolErrorCode.InvalidRequest, 'Invalid Request: expected a JSON-RPC 2.0 message')
      return
    }
    try {
      transport.onmessage?.(message)
    } catch {
      refuse(idOf(value), ProtocolErrorCode.InternalError, 'Internal error')
    }
  }
  const cut = createLineCutter({
    maxBytes: MAX_LINE_BYTES,
    onLine,
    onBroken: () => refuse(null, ProtocolErrorCode.ParseError, 'Parse error: expected UTF-8'),
    onTooLong: () =>
      refuse(null, ProtocolErrorCode.InvalidRequest, `Invalid Request: longer than ${MAX_LINE_BYTES} bytes`),
  })
  const onEnd = () => void transport.close()

  const transport: Transport = {
    async start() {
      input.on('data', cut)
      input.once('end', onEnd)
      input.once('close', onEnd)
      // Broken on either side: the client is gone.
      input.on('error', onEnd)
      output.on('error', onEnd)
    },
    send: message => write(message),
    async close() {
      input.off('data', cut)
      input.pause()
      const { onclose } = transport
      delete transport.onclose
      onclose?.()
    },
  }
  await server.connect(transport)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function idOf(value: unknown): string | number | null {
  const id = (value as { id?: unknown } | null)?.id
  return typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) ? id : null
}
