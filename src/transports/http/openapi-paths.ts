import { LEVELS } from '../../bus/event.ts'

const text = { type: 'string' }
const flag = { type: 'string', enum: ['0', '1'] }

/** Routes that are no operations: the hub itself, and the stream. */
export const OTHER_PATHS = {
  '/healthz': {
    get: {
      operationId: 'healthz',
      summary: 'Whether a hub answers here; needs no credential',
      tags: ['hub'],
      security: [],
      responses: { 200: jsonResponse('it does') },
    },
  },
  '/v1/hub': {
    get: {
      operationId: 'hub',
      summary: 'Which hub this is, and how much it keeps',
      description: 'Needs the scope `read`.',
      tags: ['hub'],
      responses: { 200: jsonResponse('the hub'), default: { $ref: '#/components/responses/Error401' } },
    },
  },
  '/v1/hub/check': {
    post: {
      operationId: 'check_store',
      summary: 'Look through the whole store',
      description: 'Needs the scope `admin`. The hub does nothing else for as long: about 4 s per GB.',
      tags: ['hub'],
      responses: { 200: jsonResponse('what was found'), default: { $ref: '#/components/responses/Error403' } },
    },
  },
  '/v1/hub/stop': {
    post: {
      operationId: 'stop_hub',
      summary: 'Stop the hub cleanly',
      description: 'Needs the scope `admin`.',
      tags: ['hub'],
      responses: { 200: jsonResponse('it will'), default: { $ref: '#/components/responses/Error403' } },
    },
  },
  '/v1/stream': {
    get: {
      operationId: 'stream',
      summary: 'Events as they come (server-sent events)',
      description:
        'First `ready` with the newest id, then `event` per event, its id as the cursor. `reset` says that events after the cursor were pruned; what is left follows. Comment lines keep the connection alive. Needs the scope `read`.',
      tags: ['hub'],
      parameters: [
        query('after', { type: 'integer' }, 'events after this id; default: only what comes'),
        query('channel', text, 'all, repo:R, topic:T, a session name …'),
        query('types', text, 'comma-separated'),
        query('from', text, 'a sender'),
        query('thread', text, 'a correlation id'),
        query('min_level', { type: 'string', enum: LEVELS }, 'this level and above'),
        query('mine', flag, "only what the calling session's inbox would get"),
        query('attach', flag, 'the calling session is there as long as this stream is open'),
        query(
          'receipts',
          flag,
          'also `receipt` and `change`: what becomes of these events, and claims, state and waits, while you look',
        ),
        { name: 'Last-Event-ID', in: 'header', description: 'as `after`, and stronger', schema: { type: 'integer' } },
      ],
      responses: {
        200: { description: 'a stream', content: { 'text/event-stream': { schema: text } } },
        default: { $ref: '#/components/responses/Error401' },
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Figures for Prometheus',
      description: 'Needs the scope `read`.',
      tags: ['hub'],
      responses: {
        200: { description: 'figures', content: { 'text/plain': { schema: text } } },
        default: { $ref: '#/components/responses/Error401' },
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This description',
      description: 'Needs the scope `read`.',
      tags: ['hub'],
      responses: { 200: jsonResponse('OpenAPI 3.1'), default: { $ref: '#/components/responses/Error401' } },
    },
  },
  '/mcp': {
    post: mcp('mcp_send', 'Send a message of the protocol', 'JSON-RPC, answered as JSON or as a stream.', {
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
    }),
    get: mcp('mcp_listen', 'Listen for what the server sends by itself', 'With MCP 2025-11-25.'),
    delete: mcp('mcp_end', 'End a session of the protocol', 'With MCP 2025-11-25.'),
  },
}

/** The operations as tools, in a protocol that describes itself. */
function mcp(operationId: string, summary: string, description: string, more: object = {}): object {
  const schema = { type: 'object' }
  return {
    operationId,
    summary: `MCP over Streamable HTTP: ${summary}`,
    description: `${description} Each tool needs the scope of its operation.`,
    tags: ['hub'],
    ...more,
    responses: {
      200: {
        description: 'as the protocol says',
        content: { 'application/json': { schema }, 'text/event-stream': { schema: text } },
      },
      default: { $ref: '#/components/responses/Error401' },
    },
  }
}

function query(name: string, schema: object, description: string): object {
  return { name, in: 'query', required: false, description, schema }
}

function jsonResponse(description: string): object {
  return { description, content: { 'application/json': { schema: { type: 'object' } } } }
}
