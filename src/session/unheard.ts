import type { Server } from '@modelcontextprotocol/server'

/**
 * Finds answers that reach nobody: the user pressed Esc while `inbox` ran, or a hook took longer than the client waits.
 * The client says so, before the answer or, where the two cross, after it; then the request is done and nothing else
 * here would notice.
 */
export function watchForUnheard(server: Server, onUnheard: (what: 'inbox' | 'hook') => void): void {
  const { transport } = server
  const pass = transport?.onmessage
  if (transport === undefined || pass === undefined) return
  // Letters of the calls before are proved or waited for by themselves.
  let inbox: Id | undefined
  let hook: Id | undefined
  let hookWithLetters: Id | undefined
  const send = transport.send.bind(transport)

  transport.onmessage = (message, extra) => {
    pass(message, extra)
    if (!('method' in message)) return
    const { name, arguments: input, requestId } = (message.params ?? {}) as Params
    if (message.method === 'tools/call' && 'id' in message) {
      if (name === 'inbox' && input?.peek !== true) inbox = message.id
      if (name === 'hook') hook = message.id
    }
    if (message.method !== 'notifications/cancelled' || requestId === undefined) return
    if (requestId === inbox) onUnheard('inbox')
    // One that is not answered yet sees by its signal that it is in vain.
    if (requestId === hookWithLetters) onUnheard('hook')
  }
  transport.send = async (message, options) => {
    const isAnswer = 'id' in message && message.id === hook && 'result' in message
    if (isAnswer && JSON.stringify(message.result).includes('additionalContext')) hookWithLetters = hook
    await send(message, options)
  }
}

type Id = string | number

interface Params {
  readonly name?: unknown
  readonly arguments?: { readonly peek?: unknown }
  readonly requestId?: Id
}
