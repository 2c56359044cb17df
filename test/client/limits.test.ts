import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { connect } from '../../src/client/index.ts'
import { createWire } from '../../src/client/wire.ts'
import { openShell } from '../cli/support/shell.ts'
import { fixtureServer } from './support/fixture-server.ts'

/** Accepts connections and never says anything. */
async function hangingHub(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

const CREDENTIAL = `swb_user_${'x'.repeat(32)}`

describe('a hub that hangs', () => {
  it('keeps no call longer than its time, and says what may have happened', async () => {
    const client = connect({ url: await hangingHub(), credential: CREDENTIAL, env: {}, timeoutMs: 50 })
    onTestFinished(() => client.close())
    const calls = [
      client.call('whoami', {}),
      client.call('publish', { text: 'x' }),
      client.request('GET', '/v1/hub'),
      client.call('inbox', { wait_seconds: 0.05 }),
      client.stream()[Symbol.asyncIterator]().next(),
    ]
    const reason = { code: 'timed_out', next: expect.stringContaining('may have been done') }
    for (const each of await Promise.allSettled(calls)) expect(each).toMatchObject({ status: 'rejected', reason })
  })

  it('leaves an abort by the caller what it is', async () => {
    const client = connect({ url: await hangingHub(), credential: CREDENTIAL, env: {}, timeoutMs: 10_000 })
    onTestFinished(() => client.close())
    const reason = new Error('enough')
    await expect(client.request('GET', '/v1/hub', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('ends commands with --timeout by exit code 7', async () => {
    const shell = await openShell()
    onTestFinished(() => shell.close())
    const env = { SWITCHBOARD_URL: await hangingHub(), SWITCHBOARD_TOKEN: CREDENTIAL }
    for (const args of [
      ['sessions'],
      ['status'],
      ['publish', 'x'],
      ['wait'],
      ['watch'],
      ['inbox', '--wait-seconds', '60'],
    ]) {
      const { code, stderr } = await shell.run([...args, '--timeout', '0.2'], { env })
      expect([args[0], code, stderr]).toEqual([args[0], 7, expect.stringMatching(/error: .*\n(next: .*\n)?/)])
    }
  })
})

describe('a connection that breaks', () => {
  it('before any answer may have brought the call, and one to nobody has not', async () => {
    const { url } = await fixtureServer((_, response) => void response.destroy())
    const next = async (url: string) => {
      const client = connect({ url, credential: CREDENTIAL, env: {}, deadlineMs: 50 })
      onTestFinished(() => client.close())
      const error = await client.call('publish', { text: 'x' }).catch((fault: BusError) => fault)
      expect(error).toMatchObject({ code: 'hub_unavailable' })
      return (error as BusError).next
    }
    expect(await next(url)).toContain('may have been done')
    expect(await next('http://127.0.0.1:1')).not.toContain('may have been done')
  })

  it('by the caller is what the caller said', async () => {
    const client = connect({ url: await hangingHub(), credential: CREDENTIAL, env: {}, deadlineMs: 0 })
    onTestFinished(() => client.close())
    const over = new AbortController()
    const reason = new BusError('hub_unavailable', 'it hangs', { next: 'Look before you repeat it.' })
    const call = client.call('publish', { text: 'x' }, { signal: over.signal })
    over.abort(reason)
    await expect(call).rejects.toBe(reason)
  })
})

it('lets a stream go on that was opened in its time', async () => {
  let beat = (): void => undefined
  const { url } = await fixtureServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: ready\ndata: {"version":"1","newest":0}\n\n')
    beat = () => void response.write('event: reset\ndata: {"oldest":1}\n\n')
  })
  const client = connect({ url, credential: CREDENTIAL, env: {}, timeoutMs: 300 })
  const stream = client.stream()[Symbol.asyncIterator]()
  onTestFinished(async () => {
    await stream.return?.()
    await client.close()
  })
  expect(await stream.next()).toMatchObject({ value: { kind: 'ready' } })
  const next = stream.next()
  const late = AbortSignal.timeout(400)
  await once(late, 'abort')
  beat()
  expect(await next).toMatchObject({ value: { kind: 'reset' } })
})

describe('a connection that the system refuses', () => {
  it.each(['EPERM', 'EACCES'])('by %s is final, and the way out is said', async code => {
    const target = {
      url: 'unix:/home/me/hub.sock',
      isSecure: false,
      options: {},
      prefix: '',
      hostHeader: 'localhost',
      dial: () => {
        throw Object.assign(new Error(code), { code, syscall: 'connect', address: '/home/me/hub.sock' })
      },
    }
    await expect(createWire(target).open({ method: 'GET', path: '/', headers: {} })).rejects.toMatchObject({
      code: 'connect_denied',
      message: expect.stringContaining('/home/me/hub.sock'),
      next: expect.stringContaining('sandbox'),
    })
  })
})
