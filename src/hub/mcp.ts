import { createMcpHttpHandler, type McpHttpHandler } from '../transports/mcp/http.ts'
import type { Credentials } from './credentials.ts'
import type { Engine } from './engine.ts'

/** The MCP door, opened into the same operations as every other. */
export function openMcp(engine: Engine, credentials: Credentials): McpHttpHandler {
  return createMcpHttpHandler({
    invoke: (caller, operation, input, { signal, ...options }) =>
      engine.invoke({ caller, operation, input, patience: { signal }, ...options }),
    callerOf: credentials.callerOf,
    version: engine.bus.version,
  })
}
