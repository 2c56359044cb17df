import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { BusError } from '../../bus/errors.ts'
import { LIMITS } from '../../bus/limits.ts'
import { say } from '../../bus/say.ts'
import type { createApp } from './app.ts'
import type { Listener } from './exchange.ts'
import { rawError, renderError } from './render-error.ts'

/**
 * A Node server in front of the app. `listener` is asked per request: a port is known only once it listens. What is asked
 * before `open` resolves waits for it.
 */
export function createHttpServer(
  app: ReturnType<typeof createApp>,
  listener: () => Listener,
  open: Promise<void> = Promise.resolve(),
): Server {
  const handle = getRequestListener(
    (request, env) => {
      const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse }
      return app.fetch(request, { incoming, outgoing, listener: listener() })
    },
    // What cannot even be made a request: a target or Host that is no part of a URL.
    {
      errorHandler: () => renderError(new BusError('invalid_input', 'expected a plain path and one valid Host header')),
    },
  )
  const server = createServer(
    {
      // A header block of ours is under 1 KiB; a sender of more than 16 is not one.
      maxHeaderSize: 16 * 1024,
      // A whole request must have come within these: a body of 2 MiB over loopback takes milliseconds, and a client
      // that dribbles bytes ("slowloris") holds a connection, nothing more, and not for long.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      // Longer than an agent thinks between two calls: a reused connection saves 0.1 ms and a race with the close.
      keepAliveTimeout: 120_000,
      // An answer is one small packet: waiting for more to send with it would cost up to 40 ms.
      noDelay: true,
      // Notices peers that vanished without a word (a half-open socket), on TCP.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // Judged by our own guard, so that its absence is answered like every other refusal.
      requireHostHeader: false,
    },
    (incoming, outgoing) => void open.then(() => handle(incoming, outgoing)),
  )
  // Streams and `inbox` with a wait are silent for long: silence alone ends nothing.
  server.timeout = 0
  // Well over a thousand live sessions with a stream and a call each, and below the usual limit of open files.
  server.maxConnections = 4_096
  server.on('clientError', refuse)
  return server
}

/** What is no HTTP at all gets an answer of the registry too, and the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  socket.end(rawError(reasonOf(error.code)))
}

function reasonOf(code: string | undefined): BusError {
  if (code === 'HPE_HEADER_OVERFLOW') return new BusError('too_large', 'expected headers of at most 16 KiB')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BusError('timed_out', say`expected the whole request (at most ${LIMITS.bodyBytes} bytes) within 30 s`)
  }
  return new BusError('invalid_input', 'expected an HTTP/1.1 request')
}
