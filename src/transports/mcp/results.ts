import { randomInt } from 'node:crypto'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { BusError } from '../../bus/errors.ts'
import { drawNonce } from '../../bus/letter.ts'
import { visibleJson } from '../../bus/visible.ts'
import type { OutputOf, PublicOperationName } from '../../operations/index.ts'
import { hasText, textOf } from '../../operations/texts.ts'
import { structured } from './structured.ts'

/** Structured for programs, a short text for models; a client shows its model one of them. */
export function toolResult(operation: string, output: unknown, showCredential: boolean): CallToolResult {
  const data = { ...(output as Record<string, unknown>) }
  if (!showCredential) delete data.credential
  return { structuredContent: structured(data), content: [{ type: 'text', text: shortText(operation, output) }] }
}

/** A refusal the model can act on: what was expected, what came, what to do next. */
export function toolError(error: unknown): CallToolResult {
  const { code, message, next, details } = asBusError(error).toBody()
  return {
    isError: true,
    structuredContent: structured({ error: { code, message, ...(next && { next }), ...(details && { details }) } }),
    content: [{ type: 'text', text: `${code}: ${message}${next ? `\n${next}` : ''}` }],
  }
}

export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error
  return new BusError('internal', 'a fault in Switchboard itself', { next: 'See the hub log.', cause: error })
}

function shortText(operation: string, output: unknown): string {
  if (!hasText(operation)) return visibleJson(output)
  const nonce = drawNonce(() => randomInt(2 ** 32) / 2 ** 32)
  return textOf(operation, output as OutputOf<PublicOperationName>, nonce).text
}
