import type { Server } from '@modelcontextprotocol/server'

/**
 * Finds answers of the `inbox` tool that reach nobody: the user pressed Esc while it ran. The client says so, before the
 * answer or, where the two cross, after it; then the request is done and nothing else here would notice.
 */
export function watchForUnheard(server: Server, onUnheard: () => void): void {
  const { transport } = server
  const pass = transport?.onmessage
  if (transport === undefined || pass === undefined) return
  /** The latest is the only one whose letters are not proved by another call. */
  let latest: string | number | undefined
  transport.onmessage = (message, extra) => {
    pass(message, extra)
    if (!('method' in message)) return
    const { name, arguments: input, requestId } = (message.params ?? {}) as Params
    if (message.method === 'tools/call' && 'id' in message && name === 'inbox' && input?.peek !== true)
      latest = message.id
    if (message.method === 'notifications/cancelled' && requestId !== undefined && requestId === latest) {
      latest = undefined
      onUnheard()
    }
  }
}

interface Params {
  readonly name?: unknown
  readonly arguments?: { readonly peek?: unknown }
  readonly requestId?: string | number
}
