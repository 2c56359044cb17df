import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERRORS } from '../../src/bus/errors.ts'
import { LIMITS } from '../../src/bus/limits.ts'
import { ROUTES } from '../../src/transports/http/routes.ts'
import type { Answer, Asking } from '../hub/door.ts'
import { codeOf, startTestHub, type TestHub } from '../hub/test-hub.ts'

let bus: TestHub

beforeAll(async () => {
  bus = await startTestHub()
})

afterAll(async () => {
  // Whatever was sent: the hub is alive and well.
  expect((await bus.call('publish', { text: 'alive' })).event_id).toBeGreaterThan(0)
  await bus[Symbol.asyncDispose]()
})

function post(operation: string, body: string | Buffer, more: Asking = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...more.headers }
  return bus.socket.ask(`/v1/${operation}`, { method: 'POST', credential: bus.user, ...more, headers, body })
}

/** An answer of the registry: a known code, with its own status. */
function expectRefusal(answer: Answer, code: keyof typeof ERRORS): void {
  expect([answer.status, codeOf(answer)]).toEqual([ERRORS[code].status, code])
}

function padded(bytes: number): Buffer {
  const body = Buffer.alloc(bytes, ' ')
  body.write('{}')
  return body
}

describe('a body', () => {
  it.each([false, true])('may have exactly the limit and not one byte more (chunked: %s)', async chunked => {
    expect((await post('whoami', padded(LIMITS.bodyBytes), { chunked })).status).toBe(200)
    expectRefusal(await post('whoami', padded(LIMITS.bodyBytes + 1), { chunked }), 'too_large')
  })

  it('is refused by its announced length alone, before a byte of it has come', async () => {
    const lines = ['POST /v1/whoami HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${bus.user}`]
    const length = `Content-Length: ${LIMITS.bodyBytes + 1}`
    const answer = await bus.socket.raw([...lines, 'Content-Type: application/json', length, '', ''].join('\r\n'))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"code":"too_large"')
  })

  it('of an MCP request has the same limit', async () => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const ask = (body: Buffer) => bus.socket.ask('/mcp', { method: 'POST', credential: bus.user, headers, body })
    expectRefusal(await ask(padded(LIMITS.bodyBytes + 1)), 'too_large')
    expect(codeOf(await ask(padded(LIMITS.bodyBytes)))).not.toBe('too_large')
  })

  it('may nest a value as deep as the limit, and no deeper', async () => {
    const nested = (depth: number) => `{"key":"deep","value":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect((await post('set_state', nested(LIMITS.jsonDepth))).status).toBe(200)
    expectRefusal(await post('set_state', nested(LIMITS.jsonDepth + 1)), 'invalid_input')
    for (const open of ['[', '{"a":']) {
      expectRefusal(await post('set_state', `{"value":${open.repeat(100_000)}`), 'invalid_input')
    }
    const brackets = JSON.stringify({ key: 'k', value: '[{'.repeat(1_000) })
    expect((await post('set_state', brackets)).status).toBe(200)
  })

  it.each([
    '{"text":"x","__proto__":{"admin":true}}',
    '{"text":"x","data":{"__proto__":{"admin":true}}}',
    '{"text":"x","data":[{"a":{"__proto__":1}}]}',
    '{"text":"x","data":{"\\u005f_proto__":{"admin":true}}}',
    '{"text":"x","data":{"__pr\\u006fto__":{"admin":true}}}',
  ])('is refused with a key that becomes a prototype: %s', async body => {
    expectRefusal(await post('publish', body), 'invalid_input')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('may speak of such a key', async () => {
    expect((await post('publish', '{"text":"beware of \\"__proto__\\" \\u00e9"}')).status).toBe(200)
  })

  it.each([
    '{',
    '}',
    '{"text":"x"',
    "{'text':'x'}",
    '{"text":"x",}',
    '{"text":x}',
    '{"text":"x"}{}',
    '{"text":"\u0001"}',
    'text=x',
    '<text>x</text>',
    '\u0000',
    '\ufeff{"text":"x"}',
    'null',
    '[]',
    '"x"',
    '1',
    'true',
    'NaN',
    '[{"text":"x"}]',
  ])('is refused where it is no JSON object: %j', async body => {
    expectRefusal(await post('publish', body), 'invalid_input')
  })

  it('is refused where it is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')])
    expectRefusal(await post('publish', body), 'invalid_input')
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'application/jsonx',
    'text/json',
    'application/json; charset=utf-16',
    'application/json; profile=x; charset=latin1',
    'text/plain; x=application/json',
    'application/json, text/plain',
    '',
  ])('is refused as %j', async type => {
    expectRefusal(await post('publish', '{"text":"x"}', { headers: { 'content-type': type } }), 'invalid_input')
  })

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON; profile=x; charset=utf8',
    'application/json;',
  ])('is taken as %s', async type => {
    const answer = await post('publish', '{"text":"x"}', { headers: { 'content-type': type } })
    expect(answer.status).toBe(200)
  })

  it('is refused packed', async () => {
    expectRefusal(await post('publish', '{"text":"x"}', { headers: { 'content-encoding': 'gzip' } }), 'invalid_input')
  })

  it('that breaks off harms nobody', async () => {
    const head = ['POST /v1/publish HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${bus.user}`]
    for (let i = 0; i < 20; i++) {
      const { createConnection } = await import('node:net')
      const socket = createConnection(bus.hub.socket)
      socket.write([...head, 'Content-Type: application/json', 'Content-Length: 1000', '', '{"text":"'].join('\r\n'))
      await new Promise<void>(resolve => setImmediate(resolve))
      socket.destroy()
    }
    expect((await bus.call('whoami')).name).toBe('operator')
  })
})

describe('an operation', () => {
  it.each(
    ROUTES.filter(({ scope }) => scope === 'operation' || scope === 'admin').map(({ path, methods }) => ({
      path,
      methods,
    })),
  )('$path takes no other method', async ({ path, methods }) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      if (methods.some(each => each === method)) continue
      const answer = await bus.socket.ask(path, { method, credential: bus.user })
      expect([method, answer.status]).toEqual([method, 400])
      if (method !== 'HEAD') expectRefusal(answer, 'invalid_input')
    }
  })

  it.each(['', 'x'.repeat(201), 'a b', 'é'])('is refused with the idempotency key %j', async key => {
    const raw = `POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${bus.user}\r\nContent-Type: application/json\r\nIdempotency-Key: ${key}\r\nContent-Length: 12\r\n\r\n{"text":"x"}`
    expect(await bus.socket.raw(raw)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid_input"/)
  })

  it('with the same key happens once', async () => {
    const headers = { 'idempotency-key': 'once' }
    const [first, second] = [
      await post('publish', '{"text":"x"}', { headers }),
      await post('publish', '{"text":"x"}', { headers }),
    ]
    expect(second.json).toEqual(first.json)
    expectRefusal(await post('publish', '{"text":"y"}', { headers }), 'key_reused')
  })

  it('is told apart from what is none, with the nearest name', async () => {
    const answer = await post('publisch', '{}')
    expectRefusal(answer, 'unknown_operation')
    expect(answer.text).toContain('/v1/publish')
  })

  it.each(['from', 'sender', 'sender_id', 'by', 'id', 'at', 'hops', 'trust'])(
    'takes no %s: who and when is not for the caller to say',
    async field => {
      expectRefusal(await post('publish', JSON.stringify({ text: 'x', [field]: 'operator' })), 'invalid_input')
    },
  )
})

describe('bytes that are no request', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n'],
    ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['two lengths', 'POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header block of 20 KiB', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a folded header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n evil.example\r\nConnection: close\r\n\r\n'],
  ])('are answered by the registry: %s', async (_, bytes) => {
    expect(await bus.socket.raw(bytes)).toMatch(/"error":\{"code":"(invalid_input|too_large|forbidden)"/)
  })
})
