import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which connection it came over. */
  readonly connection: number
}

/** A real HTTP server whose answers a test decides, where it must be another than the hub's. */
export async function fixtureServer(
  answer: (request: Seen, response: ServerResponse, count: number) => void | Promise<void>,
  listenOn: { socketPath: string } | { port: number } = { port: 0 },
) {
  const seen: Seen[] = []
  let connections = 0
  const numbers = new WeakMap<object, number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url: path = '', headers } = request
    const entry = { method, path, headers, body, connection: numbers.get(request.socket) ?? 0 }
    seen.push(entry)
    await answer(entry, response, seen.length)
  })
  server.on('connection', socket => numbers.set(socket, ++connections))
  const listen = () =>
    new Promise<void>(resolve =>
      'port' in listenOn
        ? server.listen(listenOn.port, '127.0.0.1', resolve)
        : server.listen(listenOn.socketPath, resolve),
    )
  await listen()
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  onTestFinished(close)
  const url =
    'port' in listenOn ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${listenOn.socketPath}`
  return { server, seen, url, close }
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
