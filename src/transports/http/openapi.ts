import { ERRORS } from '../../bus/errors.ts'
import { type CatalogEntry, catalog } from '../../operations/catalog.ts'
import { OTHER_PATHS } from './openapi-paths.ts'

/** OpenAPI 3.1 of this door, made from the operations: what is not defined there has no entry here. */
export function openapi(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchboard',
      version,
      description: 'The session bus for coding agents. One POST per operation, one stream of events.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(catalog.map(({ toolset }) => toolset)), 'hub'].map(name => ({ name })),
    paths: {
      ...Object.fromEntries(catalog.map(entry => [`/v1/${entry.name}`, { post: pathOf(entry) }])),
      ...OTHER_PATHS,
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: "The user's own credential, a session's credential (from `register`), or a token.",
        },
      },
      schemas: { Error: errorSchema },
      responses: Object.fromEntries(statuses().map(status => [`Error${status}`, errorResponse(status)])),
    },
  }
}

function pathOf({ name, title, description, toolset, scope, effect, inputSchema, outputSchema }: CatalogEntry): object {
  return {
    operationId: name,
    summary: title,
    description: `${description}\n\nNeeds the scope \`${scope}\`.`,
    tags: [toolset],
    ...(effect === 'write' ? { parameters: [idempotencyKey] } : {}),
    requestBody: {
      required: (inputSchema.required ?? []).length > 0,
      content: { 'application/json': { schema: inputSchema } },
    },
    responses: {
      200: { description: title, content: { 'application/json': { schema: outputSchema } } },
      ...Object.fromEntries(statuses().map(status => [status, { $ref: `#/components/responses/Error${status}` }])),
    },
  }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Makes a retry the same call: it happens once, and gets the first answer.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERRORS) },
        message: { type: 'string', description: 'what was expected and what came' },
        next: { type: 'string', description: 'what to do next' },
        details: { type: 'object', description: 'facts for programs' },
      },
    },
  },
}

function statuses(): number[] {
  return [...new Set(Object.values(ERRORS).map(({ status }) => status))].sort((a, b) => a - b)
}

function errorResponse(status: number): object {
  const meanings = Object.entries(ERRORS).filter(([, entry]) => entry.status === status)
  return {
    description: meanings.map(([code, { meaning }]) => `\`${code}\`: ${meaning}`).join(' '),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  }
}
