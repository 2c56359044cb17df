import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { createWire } from '../../src/client/wire.ts'
import { openShell } from '../cli/support/shell.ts'

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
    for (const call of [
      client.call('whoami', {}),
      client.call('publish', { text: 'x' }),
      client.request('GET', '/v1/hub'),
      client.call('inbox', { wait_seconds: 0.05 }),
    ]) {
      await expect(call).rejects.toMatchObject({
        code: 'timed_out',
        next: expect.stringContaining('may have been done'),
      })
    }
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
    for (const args of [['sessions'], ['status'], ['publish', 'x'], ['wait'], ['inbox', '--wait-seconds', '60']]) {
      const { code, stderr } = await shell.run([...args, '--timeout', '0.2'], { env })
      expect([args[0], code, stderr]).toEqual([args[0], 7, expect.stringMatching(/error: .*\n(next: .*\n)?/)])
    }
  })
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
