import { authorityOf, type Caller } from '../bus/access.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { createMcpHttpHandler, type McpHttpHandler } from '../transports/mcp/http.ts'
import type { Credentials } from './credentials.ts'
import type { Engine } from './engine.ts'

/** The MCP door, opened into the same operations as every other. */
export function openMcp(engine: Engine, credentials: Credentials): McpHttpHandler {
  const { store } = engine.bus
  const handler = createMcpHttpHandler({
    invoke: (caller, operation, input, { signal, ...options }) =>
      engine.invoke({ caller, operation, input, patience: { signal }, ...options }),
    callerOf: credentials.callerOf,
    isRevoked: caller => isRevoked(store, caller),
    version: engine.bus.version,
  })
  store.onAuthority(ids => void handler.review(ids).catch(error => engine.report(error)))
  return handler
}

/** A session that has merely ended may come back over the same connection. */
async function isRevoked(store: StoreReads, caller: Caller): Promise<boolean> {
  const authority = authorityOf(caller, 'read', true)
  return authority !== undefined && (await store.lapse(authority)) === 'revoked'
}
