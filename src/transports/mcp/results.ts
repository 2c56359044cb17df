import type { CallToolResult } from '@modelcontextprotocol/server'
import { BusError } from '../../bus/errors.ts'
import type { OutputOf, PublicOperationName } from '../../operations/index.ts'
import { hasText, textOf } from '../../operations/texts.ts'

/** Structured for programs, a short text for models. */
export function toolResult(operation: string, output: unknown, showCredential: boolean): CallToolResult {
  const structured = { ...(output as Record<string, unknown>) }
  if (!showCredential) delete structured.credential
  return { structuredContent: structured, content: [{ type: 'text', text: shortText(operation, output) }] }
}

/** A refusal the model can act on: what was expected, what came, what to do next. */
export function toolError(error: unknown): CallToolResult {
  const { code, message, next, details } = asBusError(error).toBody()
  return {
    isError: true,
    structuredContent: { error: { code, message, ...(next && { next }), ...(details && { details }) } },
    content: [{ type: 'text', text: `${code}: ${message}${next ? `\n${next}` : ''}` }],
  }
}

export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error
  return new BusError('internal', 'a fault in Switchboard itself', { next: 'See the hub log.', cause: error })
}

function shortText(operation: string, output: unknown): string {
  if (!hasText(operation)) return JSON.stringify(output)
  return textOf(operation, output as OutputOf<PublicOperationName>)
}
