import { operations } from '../../operations/index.ts'
import type { Route } from './exchange.ts'
import { checkStore, describeApi, describeHub, health, metrics, stopHub } from './hub-routes.ts'
import { mcpHandler } from './mcp-route.ts'
import { operationHandler } from './operation-route.ts'
import { streamHandler } from './stream-route.ts'

/** Every route there is. The app is built from this list and nothing else, and so are the tests that attack it. */
export const ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/healthz', scope: 'open', handle: health },
  ...operations.map(
    ({ name }): Route => ({
      methods: ['POST'],
      path: `/v1/${name}`,
      scope: 'operation',
      handle: operationHandler(name),
    }),
  ),
  { methods: ['GET'], path: '/v1/stream', scope: 'read', opensStream: true, handle: streamHandler },
  { methods: ['GET'], path: '/v1/hub', scope: 'read', handle: describeHub },
  { methods: ['POST'], path: '/v1/hub/check', scope: 'admin', handle: checkStore },
  { methods: ['POST'], path: '/v1/hub/stop', scope: 'admin', handle: stopHub },
  { methods: ['GET'], path: '/metrics', scope: 'read', handle: metrics },
  { methods: ['GET'], path: '/openapi.json', scope: 'read', handle: describeApi },
  { methods: ['POST', 'GET', 'DELETE'], path: '/mcp', scope: 'operation', opensStream: true, handle: mcpHandler },
]
