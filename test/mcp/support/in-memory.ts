import { Client } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import { FOR_MODELS } from '../../../src/bus/toolsets.ts'
import { createMcpServer, type McpServerParts } from '../../../src/transports/mcp/server.ts'

/** The official client on the tool server, without a process between them. */
export async function connected(parts: Partial<McpServerParts> = {}): Promise<Client> {
  const server = createMcpServer({
    call: async () => ({}),
    toolsets: FOR_MODELS,
    version: '1',
    instructions: 'i',
    ...parts,
  })
  const client = new Client({ name: 'test', version: '1' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(far as never), client.connect(near as never)])
  onTestFinished(() => client.close())
  return client
}
