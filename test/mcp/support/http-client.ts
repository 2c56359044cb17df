import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'

export type Era = 'sessions' | 'stateless'

/** The official client over Streamable HTTP, in one of the protocol's two eras. */
export async function httpClient(url: string, credential: string, era: Era, { hasStream = true } = {}) {
  let onStream: () => void
  /** The client opens its stream when it has connected, and does not say when that is done. */
  const streaming = new Promise<void>(resolve => {
    onStream = resolve
  })
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization: `Bearer ${credential}` } },
    async fetch(input, init) {
      if (init?.method !== 'GET') return await fetch(input, init)
      if (!hasStream) return new Response(null, { status: 405 })
      const response = await fetch(input, init)
      onStream()
      return response
    },
  })
  const client = new Client(
    { name: `test-${era}`, version: '1' },
    { versionNegotiation: { mode: era === 'sessions' ? 'legacy' : { pin: '2026-07-28' } } },
  )
  await client.connect(transport)
  onTestFinished(() => client.close())
  const tool = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: input })
    // biome-ignore lint/suspicious/noExplicitAny: each tool has another shape, and tests say which they expect.
    return { isError: result.isError === true, ...(result.structuredContent as Record<string, any>) } as any
  }
  return { client, transport, tool, streaming }
}
