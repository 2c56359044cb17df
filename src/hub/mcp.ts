import type { Caller } from '../bus/access.ts'
import type { McpHttpHandler } from '../transports/mcp/http.ts'
import type { Credentials } from './credentials.ts'
import type { Engine } from './engine.ts'

/**
 * The MCP door, opened into the same operations as every other. Loaded with its first request: most hubs are reached
 * by session processes only, and whoever starts a hub waits for it.
 */
export function openMcp(engine: Engine, credentials: Credentials): McpHttpHandler {
  let loading: Promise<McpHttpHandler> | undefined
  async function load(): Promise<McpHttpHandler> {
    const { createMcpHttpHandler } = await import('../transports/mcp/http.ts')
    return createMcpHttpHandler({
      invoke: (caller, operation, input, options) => engine.invoke({ caller, operation, input, ...options }),
      callerOf: credentials.callerOf,
      version: engine.bus.version,
    })
  }
  return {
    async fetch(request: Request, caller: Caller) {
      loading ??= load()
      return await (await loading).fetch(request, caller)
    },
    async close() {
      await (await loading)?.close()
    },
  }
}
