import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { savedSession } from '../../src/home/credentials.ts'
import { testHome, tryKill } from '../client/support/home.ts'
import { until } from '../until.ts'
import { bareSession, INITIALIZE, joined } from './support/session-process.ts'

describe('two sessions on stdio', () => {
  it('see each other, write, read, answer and know what became of it', async () => {
    const { env, home } = await testHome()
    await mkdir(join(home, 'api'))
    await mkdir(join(home, 'web'))
    const a = await joined(env, { cwd: join(home, 'api') })
    const b = await joined(env, { cwd: join(home, 'web') })
    await until(async () => (await b.tool('whoami')).name === 'web')
    expect((await a.tool('whoami')).agent).toBe('test-agent')
    await until(async () => (await a.tool('list_sessions')).sessions?.length === 2)

    const sent = await a.tool('publish', { to: 'web', text: 'rebased <b>' })
    expect(sent.recipients).toEqual([{ session: 'web', state: 'stored' }])
    const { messages } = await b.tool('inbox', { wait_seconds: 5 })
    expect(messages).toMatchObject([{ id: sent.event_id, from: 'api', trust: 'peer', text: 'rebased &lt;b>' }])
    await b.tool('publish', { reply_to: sent.event_id, text: 'thanks' })
    const status = await a.tool('message_status', { event_id: sent.event_id })
    expect(status.receipts).toMatchObject([{ session: 'web', state: 'answered' }])
    expect((await a.tool('inbox')).messages).toMatchObject([{ from: 'web', reply_to: sent.event_id }])

    await a.tool('claim', { path: join(home, 'x') })
    expect(await b.tool('claim', { path: join(home, 'x') })).toMatchObject({
      isError: true,
      error: { code: 'claim_held', details: { holder: 'api' } },
    })
  })

  it('are told what is no text, and nothing is kept of it', async () => {
    const { env } = await testHome()
    const { tool } = await joined(env)
    for (const broken of ['deploy/lock\0', 'deploy/lock\ud83d']) {
      const written = await tool('set_state', { key: broken, value: 1 })
      expect(written).toMatchObject({ isError: true, error: { code: 'invalid_input' } })
      expect(await tool('set_state', { key: 'k', value: { deep: [broken] } })).toMatchObject({ isError: true })
    }
    expect((await tool('list_state')).entries).toEqual([])
  })

  it('are gone for the others when their process has ended', async () => {
    const { env } = await testHome()
    const a = await joined(env)
    const b = bareSession({ ...env, CLAUDE_CODE_SESSION_ID: 'b' })
    b.send(INITIALIZE)
    b.send({ method: 'notifications/initialized' })
    // Registered, and there: a session is gone with its stream, so it must have one.
    const operator = connect({ env })
    await until(async () => ((await operator.request('GET', '/v1/hub')) as { streams: number }).streams === 2)
    await operator.close()
    b.child.kill('SIGKILL')
    await until(async () => (await a.tool('list_sessions')).sessions?.length === 1)
  })
})

describe('a session process', () => {
  it('answers the probe of the newer revision with "method not found" and stays on 2025-11-25', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    bare.send({ id: 1, method: 'server/discover', params: { _meta: meta } })
    bare.send(INITIALIZE)
    await until(() => bare.answers.length === 2)
    expect(bare.answers).toMatchObject([
      { id: 1, error: { code: -32601 } },
      { id: 'init', result: { protocolVersion: '2025-11-25' } },
    ])
  })

  it('answers before it has reached the hub, and does not start one for a client that never introduces itself', async () => {
    const { env, hubPid } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    bare.send({ id: 2, method: 'tools/list' })
    await until(() => bare.answers.length === 2)
    expect(await hubPid()).toBeUndefined()
  })

  it('leaves its credential for the shells of its agent, private, for as long as it lives', async () => {
    const { env, paths } = await testHome()
    const id = 'session-of-the-agent'
    const one = await joined({ ...env, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id })
    const saved = await until(() => savedSession(paths, id))
    expect((await stat(paths.sessionsFolder)).mode & 0o777).toBe(0o700)
    const client = connect({ env, credential: saved.credential })
    const who = await client.call('whoami', {})
    await client.close()
    expect(who).toMatchObject({ id: (await one.tool('whoami')).id, agent: 'claude-code' })
    await one.client.close()
    await until(async () => (await savedSession(paths, id)) === undefined)
  })

  it('is the same session when its client is resumed, with its mail', async () => {
    const { env } = await testHome()
    const own = { ...env, CLAUDE_CODE_SESSION_ID: 'resumed' }
    const first = await joined(own)
    const { id, codename } = await first.tool('whoami')
    await first.client.close()
    const other = await joined(env)
    await until(async () => !(await other.tool('publish', { to: codename, text: 'for later' })).isError)
    const second = await joined(own)
    expect(await second.tool('whoami')).toMatchObject({ id, codename })
    expect((await second.tool('inbox')).messages).toMatchObject([{ text: 'for later' }])
  })

  it('changes its own entry when its model registers, and comes back only so after it left', async () => {
    const { env } = await testHome()
    const one = await joined(env)
    const { id } = await one.tool('whoami')
    expect(await one.tool('register', { name: 'api', role: 'dev' })).toMatchObject({ session_id: id, name: 'api' })
    expect((await one.tool('unregister')).isError).toBe(false)
    expect(await one.tool('inbox')).toMatchObject({ isError: true, error: { code: 'session_ended' } })
    expect(await one.tool('register', { name: 'api' })).toMatchObject({ session_id: id, resumed: true })
    expect(await one.tool('whoami')).toMatchObject({ id, role: 'dev', presence: 'online' })
  })

  it('makes one event of a tool call that its client repeats', async () => {
    const { env } = await testHome()
    const { client } = await joined(env)
    const call = { name: 'publish', arguments: { text: 'x' }, _meta: { 'claudecode/toolUseId': 'toolu_1' } }
    const [a, b] = [await client.callTool(call), await client.callTool(call)]
    expect(a.structuredContent).toEqual(b.structuredContent)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends cleanly on %s', async signal => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    await until(() => bare.answers.length === 1)
    tryKill(bare.child.pid!, signal)
    expect(await bare.exited).toEqual({ code: 0, signal: null })
  })

  it('ends when nobody reads its answers any more', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.send(INITIALIZE)
    await until(() => bare.answers.length === 1)
    bare.child.stdout.destroy()
    const asking = setInterval(() => bare.send({ id: 'p', method: 'ping' }), 20)
    bare.child.stdin.on('error', () => undefined)
    expect(await bare.exited.finally(() => clearInterval(asking))).toEqual({ code: 0, signal: null })
  })

  it('ends when its stdin ends, also before anything was said', async () => {
    const { env } = await testHome()
    const bare = bareSession(env)
    bare.child.stdin.end()
    expect(await bare.exited).toEqual({ code: 0, signal: null })
  })
})
