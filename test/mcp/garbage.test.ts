import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testHome } from '../client/support/home.ts'
import { cases } from '../tier.ts'
import { until } from '../until.ts'
import { bareSession, INITIALIZE } from './support/session-process.ts'

async function alive(bare: ReturnType<typeof bareSession>, mark: string): Promise<void> {
  bare.send({ id: mark, method: 'ping' })
  await until(() => bare.answers.some(answer => answer.id === mark))
}

/** What the specification lets a server say to something that is not a proper request. */
function isSpecAnswer(answer: Record<string, unknown>): boolean {
  if (answer.jsonrpc !== '2.0') return false
  if ('result' in answer) return answer.id !== undefined && answer.id !== null
  const { code, message } = answer.error as { code: unknown; message: unknown }
  return Number.isInteger(code) && typeof message === 'string' && 'id' in answer
}

describe('a session process that is sent garbage', () => {
  it('answers malformed lines with errors of the specification and lives', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    const call = (id: string, args: string) =>
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"set_state","arguments":${args}}}`
    const cases: [string | Buffer, unknown, number][] = [
      ['{', null, -32700],
      ['nonsense', null, -32700],
      ['"text"', null, -32600],
      ['null', null, -32600],
      ['[]', null, -32600],
      ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, -32600],
      ['{}', null, -32600],
      ['{"jsonrpc":"1.0","id":5,"method":"ping"}', 5, -32600],
      ['{"jsonrpc":"2.0","id":6}', 6, -32600],
      ['{"jsonrpc":"2.0","id":"s","method":7}', 's', -32600],
      ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600],
      ['{"jsonrpc":"2.0","id":{},"method":"ping"}', null, -32600],
      ['{"jsonrpc":"2.0","id":8,"method":"no/such"}', 8, -32601],
      ['{"jsonrpc":"2.0","id":9,"method":"tools/call"}', 9, -32602],
      ['{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":1}}', 10, -32602],
      ['{"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"none"}}', 11, -32602],
      ['{"jsonrpc":"2.0","id":12,"method":"resources/read","params":{"uri":"x:y"}}', 12, -32602],
      [call('13', '{"key":"k","value":1e400}'), 13, -32602],
      [call('14', '{"key":"k","value":[9007199254740993]}'), 14, -32602],
      [call('9007199254740993', '{}'), null, -32602],
      [call('15', `{"key":"k","value":${'['.repeat(70)}${']'.repeat(70)}}`), 15, -32602],
      [Buffer.from(call('16', '{"key":"k\xff","value":1}'), 'latin1'), null, -32700],
    ]
    bare.send(INITIALIZE)
    await until(() => bare.answers.length === 1)
    for (const [line, id, code] of cases) {
      const before = bare.answers.length
      await bare.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
      await until(() => bare.answers.length > before)
      expect([line, bare.answers.at(-1)]).toMatchObject([line, { jsonrpc: '2.0', id, error: { code } }])
    }
  })

  it('passes over a line of 10 MiB and a flood without a line end, with one error, and goes on', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    const long = Buffer.alloc(10 * 1024 * 1024, 'x')
    await bare.write(long)
    await bare.write(long)
    await bare.write('\n')
    await alive(bare, 'after')
    expect(bare.answers.filter(answer => answer.id === null)).toMatchObject([{ error: { code: -32600 } }])
  })

  it('takes requests cut anywhere, also inside a character, and several in one chunk', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    const bytes = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: 'ü€😀', method: 'ping' })}\r\n\n`)
    for (const byte of bytes) await bare.write(Buffer.from([byte]))
    await bare.write(Buffer.concat([bytes, bytes]))
    await until(() => bare.answers.length === 3)
    expect(bare.answers.map(answer => answer.id)).toEqual(['ü€😀', 'ü€😀', 'ü€😀'])
  })

  it('gives any JSON with any id a proper answer or none', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    await until(() => bare.answers.length === 1)
    const method = fc.constantFrom(
      'initialize',
      'ping',
      'tools/call',
      'tools/list',
      'resources/read',
      'notifications/cancelled',
      'logging/setLevel',
      'x',
    )
    const message = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { jsonrpc: fc.constant('2.0'), id: fc.jsonValue(), method, params: fc.jsonValue() },
        { requiredKeys: ['jsonrpc'] },
      ),
      fc.record(
        { jsonrpc: fc.constant('2.0'), id: fc.jsonValue(), result: fc.jsonValue(), error: fc.jsonValue() },
        { requiredKeys: ['jsonrpc'] },
      ),
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 5, maxLength: 20 }), async messages => {
        const before = bare.answers.length
        await bare.write(messages.map(each => `${JSON.stringify(each)}\n`).join(''))
        await alive(bare, `mark ${++round}`)
        for (const answer of bare.answers.slice(before)) expect(answer).toSatisfy(isSpecAnswer)
      }),
      cases(60),
    )
    expect(bare.child.exitCode).toBeNull()
  })

  it('survives deep nesting', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    await bare.write(`${deep}\n`)
    await bare.write(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"publish","arguments":{"data":${deep}}}}\n`,
    )
    await alive(bare, 'after')
    for (const answer of bare.answers) expect(answer).toSatisfy(isSpecAnswer)
  })
})
