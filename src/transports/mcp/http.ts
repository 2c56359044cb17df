import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server'
import { type Caller, credentialId } from '../../bus/access.ts'
import { cutTo } from '../../bus/cut.ts'
import { defined } from '../../bus/defined.ts'
import { BusError } from '../../bus/errors.ts'
import { LIMITS } from '../../bus/limits.ts'
import { clientIdOf } from '../../bus/session-name.ts'
import { asText } from '../../bus/text.ts'
import { FOR_MODELS } from '../../bus/toolsets.ts'
import type { Connection } from '../../operations/operation.ts'
import {
  acceptsAll,
  hasManyFields,
  ID_IN_USE,
  isObject,
  MANY_FIELDS,
  NO_BATCHES,
  plainMessage,
  WITH_BATCHES,
} from './client-ways.ts'
import { createHttpSessions, type HttpSession } from './http-session.ts'
import { instructions } from './instructions.ts'
import { type CallContext, createMcpServer } from './server.ts'
import { untilRead } from './until-read.ts'

export interface McpHttpOptions {
  invoke(
    caller: Caller,
    operation: string,
    input: unknown,
    options: { key?: string; signal: AbortSignal; connection?: Connection },
  ): Promise<unknown>
  callerOf(credential: string): Promise<Caller | undefined>
  /** Whether the credential that this caller came with, or the one that it comes from, is good no more. */
  isRevoked(caller: Caller): Promise<boolean>
  readonly version: string
}

export interface McpHttpHandler {
  /** `caller` is whom the bearer credential names; guards for host, origin and size have passed. */
  fetch(request: Request, caller: Caller): Promise<Response>
  /** To be told of credentials that may have been revoked: their sessions end. */
  review(credentialIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

/**
 * MCP over Streamable HTTP, both eras on one route.
 *
 * Revision 2026-07-28 is stateless: a request acts as its bearer credential's caller and nothing else. `register` gives
 * the new session's credential in its result, because nothing else can carry it.
 *
 * Revisions up to 2025-11-25 have sessions: `register` binds the MCP session to the new bus session, and later calls
 * act as that session. A client that comes back with the same credential, and with the same name or client id, is the same
 * bus session, unless another connected client is. The binding belongs to (caller, Mcp-Session-Id): a session id shown by another caller is unknown.
 * It is no authority: each call is judged by what owner and bus session may do at that moment.
 */
export function createMcpHttpHandler(options: McpHttpOptions): McpHttpHandler {
  const parts = {
    version: options.version,
    toolsets: FOR_MODELS,
    instructions: instructions({ isRegistered: false }),
  }

  const sessions = createHttpSessions(session =>
    createMcpServer({
      ...parts,
      call: (operation, input, context) => {
        const { calls } = session()
        const call = callBound(options, sessions, session(), operation, input, context)
        calls.add(call)
        return call.finally(() => calls.delete(call))
      },
    }),
  )

  const stateless = createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo?.extra?.caller as Caller
      const call = (operation: string, input: unknown, context: CallContext) =>
        options.invoke(caller, operation, input, callOptions(context))
      return createMcpServer({ ...parts, call, showCredential: true })
    },
    { legacy: 'reject' },
  )

  async function sessionful({ request, requestId, isInitialize }: PlainRequest, caller: Caller): Promise<Response> {
    const id = request.headers.get('mcp-session-id')
    const session = id === null ? await sessions.create(caller) : sessions.find(id, caller)
    if (session === undefined) {
      return id === null
        ? refusal(429, -32009, 'As many MCP sessions of this credential are busy as it may have; close one first')
        : refusal(404, -32001, 'Session not found')
    }
    // The transport would give both answers to the later one, and the stream of the first would never end.
    if (requestId !== undefined && session.requestIds.has(requestId)) return refusal(400, -32600, ID_IN_USE)
    session.open++
    if (requestId !== undefined) session.requestIds.add(requestId)
    const done = () => {
      session.open--
      session.requestIds.delete(requestId)
      session.usedAt = performance.now()
    }
    try {
      const response = await session.transport.handleRequest(request)
      if (request.method === 'GET' && response.ok) session.hadStream = true
      if (id === null && response.headers.get('mcp-session-id') === null) {
        await session.server.close()
        // The SDK says of one that it cannot read that there was none.
        if (isInitialize && response.status === 400) return untilRead(refusal(400, -32602, BAD_INITIALIZE), done)
      }
      // It may have been revoked while this was opened, before there was anything to close.
      else if (id === null || request.method === 'GET') await review([credentialId(caller)])
      return untilRead(response, done)
    } catch (error) {
      done()
      throw error
    }
  }

  async function review(credentialIds: readonly string[]): Promise<void> {
    await sessions.closeWhere(
      async owner =>
        [credentialId(owner), owner.grantor].some(id => credentialIds.includes(id)) && (await options.isRevoked(owner)),
    )
  }

  return {
    review,
    async fetch(written, caller) {
      const plain = await plainRequest(written)
      if (plain instanceof Response) return plain
      const { request } = plain
      if (await isLegacyRequest(request)) return await sessionful(plain, caller)
      const authInfo = { token: '', clientId: caller.id, scopes: [...caller.scopes], extra: { caller } }
      return await stateless.fetch(request, { authInfo })
    },
    async close() {
      await Promise.all([sessions.close(), stateless.close()])
    },
  }
}

type HttpSessions = ReturnType<typeof createHttpSessions>

/** Acts as the session's bus identity, and notes when that changes. */
async function callBound(
  options: McpHttpOptions,
  sessions: HttpSessions,
  session: HttpSession,
  operation: string,
  input: unknown,
  context: CallContext,
): Promise<unknown> {
  const by = await actingAs(options, session, operation)
  if (operation !== 'register') return await options.invoke(by, operation, input, callOptions(context))
  if (by.kind === 'session') return await bound(options.invoke(by, operation, input, callOptions(context)))
  const wanted = input as { name?: unknown; client_id?: unknown; facts?: object }
  const clientId = wanted.client_id ?? clientIdByName(wanted.name)
  const facts = defined({
    agent: context.clientName && cutTo(asText(context.clientName), LIMITS.nameChars),
    ...wanted.facts,
    run: session.run,
  })
  const body = defined({ ...wanted, client_id: clientId, facts })
  const connection = { take: (sessionId: string) => sessions.take(session, sessionId) }
  const { sessionId: before } = session
  try {
    // By the client id a retry is the same session, on another connection too: its key would be that of another run.
    const how = clientId === undefined ? callOptions(context) : { signal: context.signal }
    const output = await bound(options.invoke(by, operation, body, { ...how, connection }))
    if (clientId !== undefined) await sessions.closeOthers(session)
    return output
  } catch (error) {
    session.sessionId = before
    throw error
  }

  async function bound(registering: Promise<unknown>): Promise<unknown> {
    const output = (await registering) as { credential: string }
    session.credential = output.credential
    return output
  }
}

/** What no session may be called is for the operation to refuse. */
function clientIdByName(name: unknown): string | undefined {
  return typeof name === 'string' && name.length <= LIMITS.nameChars ? clientIdOf(name) : undefined
}

async function actingAs(options: McpHttpOptions, session: HttpSession, operation: string): Promise<Caller> {
  if (session.credential === undefined) return session.owner
  const registered = await options.callerOf(session.credential)
  if (registered) return registered
  if (operation === 'register') return session.owner
  throw new BusError('session_ended', 'the session that this connection had registered is no more', {
    next: 'Call `register` again.',
  })
}

function callOptions(context: CallContext): { key?: string; signal: AbortSignal } {
  return defined({ key: context.toolUseId, signal: context.signal })
}

const STREAM_TYPE = 'text/event-stream'
const ALL_TYPES = ['application/json', STREAM_TYPE]

const BAD_INITIALIZE =
  'Invalid params: initialize needs protocolVersion (text), capabilities (an object) and clientInfo with name and version (text)'

interface PlainRequest {
  readonly request: Request
  /** Of its message, where that is one which is to be answered. */
  readonly requestId?: unknown
  readonly isInitialize?: boolean
}

/** The request in the way in which most clients write it. What is no JSON is for the protocol to refuse. */
async function plainRequest(request: Request): Promise<PlainRequest | Response> {
  const headers = new Headers(request.headers)
  const due = request.method === 'GET' ? [STREAM_TYPE] : ALL_TYPES
  if (acceptsAll(headers.get('accept'), due)) headers.set('accept', due.join(', '))
  // Some name the revision that they were written for, whatever was agreed to when they began.
  if (headers.get('mcp-protocol-version') === WITH_BATCHES) headers.delete('mcp-protocol-version')
  const { url, method, signal } = request
  if (method !== 'POST') return { request: new Request(url, { method, headers, signal }) }
  const written = await request.text()
  let message: unknown
  try {
    message = JSON.parse(written)
  } catch {
    return { request: new Request(url, { method, headers, body: written, signal }) }
  }
  if (Array.isArray(message)) return refusal(400, -32600, NO_BATCHES)
  const plain = hasManyFields(message) ? undefined : plainMessage(message)
  if (plain === undefined || hasManyFields(plain)) return refusal(400, -32600, MANY_FIELDS)
  const requestId = isObject(plain) && 'method' in plain ? plain.id : undefined
  const isInitialize = isObject(plain) && plain.method === 'initialize'
  const body = JSON.stringify(plain)
  return { request: new Request(url, { method, headers, body, signal }), requestId, isInitialize }
}

function refusal(status: number, code: number, message: string): Response {
  const headers = status === 429 ? { 'retry-after': '1' } : undefined
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, defined({ status, headers }))
}
