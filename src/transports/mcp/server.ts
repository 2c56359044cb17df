import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from '@modelcontextprotocol/server'
import { isCallKey } from '../../bus/call-key.ts'
import { say } from '../../bus/say.ts'
import type { Toolset } from '../../bus/toolsets.ts'
import type { JsonSchema } from '../../operations/catalog.ts'
import { AGREED_REVISIONS, withJsonRead } from './client-ways.ts'
import guide from './guide.md'
import { toolError, toolResult } from './results.ts'
import { toolsOf } from './tools.ts'

export interface McpServerParts {
  /** Does an operation, in whichever place this door stands. Rejects with a `BusError` of the registry. */
  readonly call: (operation: string, input: unknown, context: CallContext) => Promise<unknown>
  readonly toolsets: readonly Toolset[]
  readonly version: string
  readonly instructions: string
  /** Whether `register` gives its credential away: only where nothing else can carry the new identity. */
  readonly showCredential?: boolean
}

export interface CallContext {
  readonly signal: AbortSignal
  /** The client's own id of this tool call; the same in a retry. */
  readonly toolUseId: string | undefined
  /** What the client calls itself, where this connection knows. */
  readonly clientName: string | undefined
}

const GUIDE_URI = 'switchboard://guide'

/**
 * The bus as MCP tools: one piece of code for the session process and the hub. Input is judged once, by the operation,
 * so a malformed one comes back as the same refusal as on every other door.
 */
export function createMcpServer(parts: McpServerParts): Server {
  const server = new Server(
    { name: 'switchboard', title: 'Switchboard', version: parts.version },
    {
      capabilities: { tools: {}, resources: {} },
      instructions: parts.instructions,
      supportedProtocolVersions: AGREED_REVISIONS,
    },
  )
  const tools = toolsOf(parts.toolsets)
  const schemas = new Map(tools.map(tool => [tool.name, tool.inputSchema as JsonSchema]))

  server.setRequestHandler('tools/list', () => ({ tools }))

  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: input = {} } = request.params
    const schema = schemas.get(name)
    if (schema === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, say`Unknown tool: ${name}`.text)
    }
    try {
      return toolResult(
        name,
        await parts.call(name, withJsonRead(input, schema), contextOf(server, context)),
        parts.showCredential ?? false,
      )
    } catch (error) {
      return toolError(error)
    }
  })

  server.setRequestHandler('resources/list', () => ({
    resources: [
      {
        uri: GUIDE_URI,
        name: 'guide',
        title: 'How to use the switchboard',
        description: 'Addresses, reading, writing, shared state, claims.',
        mimeType: 'text/markdown',
      },
    ],
  }))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }))
  server.setRequestHandler('resources/read', request => {
    const { uri } = request.params
    if (uri !== GUIDE_URI) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, say`Unknown resource: ${uri}`.text, { uri })
    }
    return { contents: [{ uri: GUIDE_URI, mimeType: 'text/markdown', text: guide }] }
  })
  return server
}

function contextOf(server: Server, context: ServerContext): CallContext {
  const toolUseId = context.mcpReq._meta?.['claudecode/toolUseId']
  // A client that went away reads no answer; what waits for it (`inbox`) must not lease mail to nobody.
  const gone = context.http?.req?.signal
  return {
    signal: gone === undefined ? context.mcpReq.signal : AbortSignal.any([context.mcpReq.signal, gone]),
    toolUseId: typeof toolUseId === 'string' && isCallKey(toolUseId) ? toolUseId : undefined,
    clientName: server.getClientVersion()?.name,
  }
}
