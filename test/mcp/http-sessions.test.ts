import { Server } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../src/bus/access.ts'
import { ONLINE_MS } from '../../src/bus/session.ts'
import { createHttpSessions, type HttpSession } from '../../src/transports/mcp/http-session.ts'

const caller: Caller = { kind: 'operator', id: 'operator', name: 'operator', scopes: new Set(), grantor: 'operator' }

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
})

async function begin(session: HttpSession): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const request = new Request('http://localhost/mcp', { method: 'POST', headers, body: INITIALIZE })
  const response = await session.transport.handleRequest(request)
  await response.text()
  return response.headers.get('mcp-session-id')!
}

function house(now: () => number) {
  const serverOf = () => new Server({ name: 't', version: '1' }, { capabilities: {} })
  return createHttpSessions(serverOf, { maxSessions: () => 2, idleMs: 1_000, now })
}

describe('the sessions of MCP clients over HTTP', () => {
  it('that were idle for too long are closed when the next begins', async () => {
    let now = 0
    const sessions = house(() => now)
    const first = await begin((await sessions.create(caller))!)
    now = 1_001
    const second = await begin((await sessions.create(caller))!)
    expect(sessions.find(first, caller)).toBeUndefined()
    expect(sessions.find(second, caller)).toBeDefined()
    await sessions.close()
    expect(sessions.find(second, caller)).toBeUndefined()
  })

  it('are bounded: the one that was idle longest makes room, a busy one never', async () => {
    let now = 0
    const sessions = house(() => ++now)
    const ids = [await begin((await sessions.create(caller))!), await begin((await sessions.create(caller))!)]
    sessions.find(ids[0]!, caller)!.open = 1
    const third = (await sessions.create(caller))!
    ids.push(await begin(third))
    expect(ids.map(id => sessions.find(id, caller) !== undefined)).toEqual([true, false, true])
    third.open = 1
    expect(await sessions.create(caller)).toBeUndefined()
    await sessions.close()
  })

  it('of one holder never make room for those of another', async () => {
    let now = 0
    const sessions = house(() => ++now)
    const [reader, other]: Caller[] = [
      { ...caller, kind: 'token', id: 'token:reader', grantor: 'tok_reader' },
      { ...caller, kind: 'session', id: 'ses_other', grantor: 'tok_other' },
    ] as const
    const own = [await begin((await sessions.create(other!))!), await begin((await sessions.create(caller))!)]
    for (let n = 0; n < 5; n++) await begin((await sessions.create(reader!))!)
    expect(sessions.find(own[0]!, other!)).toBeDefined()
    expect(sessions.find(own[1]!, caller)).toBeDefined()
    await sessions.close()
  })

  it('give their bus session to a later one when their client has gone: it is told that its session is over', async () => {
    let now = 0
    const sessions = createHttpSessions(() => new Server({ name: 't', version: '1' }, { capabilities: {} }), {
      now: () => now,
    })
    const bound: Caller = { ...caller, kind: 'session', id: 'bound' }
    const [silent, streaming, next, owning] = await Promise.all(
      [caller, caller, caller, bound].map(async owner => {
        const session = (await sessions.create(owner))!
        return { session, id: await begin(session) }
      }),
    )
    const takes = (sessionId: string) => sessions.take(next!.session, sessionId)
    expect(sessions.take(silent!.session, 'silent')).toBe(true)
    expect(sessions.take(streaming!.session, 'streaming')).toBe(true)
    expect(sessions.take(owning!.session, 'bound')).toBe(true)
    streaming!.session.hadStream = true
    streaming!.session.open = 1
    now = ONLINE_MS
    expect([takes('silent'), takes('streaming'), takes('bound'), takes('free')]).toEqual([false, false, false, true])
    now = ONLINE_MS + 1
    expect([takes('streaming'), takes('silent')]).toEqual([false, true])
    await sessions.closeOthers(next!.session)
    expect(sessions.find(silent!.id, caller)).toBeUndefined()
    now = 0
    streaming!.session.open = 0
    expect(takes('streaming')).toBe(true)
    await sessions.closeOthers(next!.session)
    expect([streaming, next].map(each => sessions.find(each!.id, caller) !== undefined)).toEqual([false, true])
    await sessions.close()
  })

  it('belong to the caller that began them', async () => {
    const sessions = house(() => 0)
    const id = await begin((await sessions.create(caller))!)
    expect(sessions.find(id, { ...caller, kind: 'token', id: 'token:x', grantor: 'tok_x' })).toBeUndefined()
    await sessions.close()
  })
})
