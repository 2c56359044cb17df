import type { Aside } from '../transports/mcp/stdio.ts'

/** Whether the client still waits. */
export interface Waiting {
  readonly isCancelled: boolean
}

/**
 * Answers the client's hooks before the MCP server sees them: an agent waits for one at every step, they have no schema
 * to be judged by, and the server's way with a call takes longer than the answer.
 *
 * Also finds answers that reach nobody: the user pressed Esc while `inbox` ran, or a hook took longer than the client
 * waits. The client says so, before the answer or, where the two cross, after it; then the request is done and nothing
 * else here would notice.
 */
export function createHookCalls(parts: {
  /** The answer, as text that the client reads as JSON. Never rejects. */
  readonly hook: (fields: Record<string, unknown>, waiting: Waiting) => Promise<string>
  readonly onUnheard: (what: 'inbox' | 'hook') => void
}): Aside {
  const running = new Map<unknown, { isCancelled: boolean }>()
  // Letters of the calls before are proved or waited for by themselves.
  let inbox: unknown
  let hookWithLetters: unknown

  async function answered(id: unknown, fields: Record<string, unknown>, answer: (result: object) => void) {
    const waiting = { isCancelled: false }
    running.set(id, waiting)
    const text = await parts.hook(fields, waiting)
    running.delete(id)
    if (waiting.isCancelled) return
    if (text.includes('additionalContext')) hookWithLetters = id
    answer({ content: [{ type: 'text', text }] })
  }

  function cancelled(id: unknown): boolean {
    const waiting = running.get(id)
    // It sees by itself that it is in vain.
    if (waiting !== undefined) waiting.isCancelled = true
    else if (id !== undefined && id === hookWithLetters) parts.onUnheard('hook')
    else if (id !== undefined && id === inbox) parts.onUnheard('inbox')
    return waiting !== undefined
  }

  return ({ method, id, params }, answer) => {
    const { name, arguments: input, requestId } = (params ?? {}) as Params
    if (method === 'notifications/cancelled') return cancelled(requestId)
    if (method !== 'tools/call' || (typeof id !== 'number' && typeof id !== 'string')) return false
    if (name === 'inbox' && input?.peek !== true) inbox = id
    if (name !== 'hook') return false
    void answered(id, input ?? {}, answer)
    return true
  }
}

interface Params {
  readonly name?: unknown
  readonly arguments?: Record<string, unknown>
  readonly requestId?: unknown
}
