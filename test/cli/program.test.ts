import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { untilPasses } from '../until.ts'
import { openShell, type Shell } from './support/shell.ts'

interface Status {
  hub: { running: boolean; pid: number | null; version: string | null; url: string | null; socket: string }
  store: { kind: string; events: number } | null
  sessions: number | null
}

const status = async (shell: Shell) => {
  const { code, stdout } = await shell.run(['status', '--json'])
  return { code, ...(JSON.parse(stdout) as Status) }
}

describe('the program', () => {
  let shell: Shell
  beforeEach(async () => {
    shell = await openShell()
  })
  afterEach(() => shell.close())

  it('says whether a hub runs, and starts none for that', async () => {
    const none = await status(shell)
    expect(none).toEqual({
      code: 6,
      hub: { running: false, pid: null, version: null, url: null, socket: join(shell.home, 'hub.sock') },
      store: null,
      sessions: null,
      injected: null,
      for_you: null,
    })
    expect((await shell.run(['status'])).stdout).toContain('No hub runs')
    expect((await status(shell)).code).toBe(6)
    await shell.json(['register', 'somebody'])
    const one = await status(shell)
    expect(one).toMatchObject({ code: 0, hub: { running: true, socket: none.hub.socket }, sessions: 1 })
    expect(Object.keys(one.hub)).toEqual(['running', 'pid', 'version', 'url', 'socket'])
    expect(one.hub.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(one.store?.kind).toBe('sqlite')
    process.kill(one.hub.pid!, 0)
  })

  it('says in one line that the person has mail, in `status` and `sessions`, and nothing of it otherwise', async () => {
    const { credential } = await shell.json<{ credential: string }>(['register', 'api'])
    for (const command of ['status', 'sessions']) {
      expect((await shell.here([command])).stdout).not.toMatch(/for you/i)
    }
    const env = { SWITCHBOARD_TOKEN: credential }
    await shell.json(['publish', 'which one?', '--to', 'operator'], { env })
    const line = '1 unread message: `switchboard inbox`'
    expect((await shell.here(['status'])).stdout).toContain(line)
    expect((await shell.here(['sessions'])).stdout).toContain(`For you: ${line}.`)
    expect(await shell.json(['status'])).toMatchObject({ for_you: { unread: 1, waiting: [] } })
    expect(await shell.json(['sessions'])).toMatchObject({ unread: 1 })
    expect(await shell.json(['sessions'], { env })).toMatchObject({ unread: 0 })
  })

  it('stops the hub so that it is gone, keeps what was stored, and has nothing to stop after that', async () => {
    await shell.json(['set-state', 'k', 'kept'])
    const { hub } = await status(shell)
    expect(await shell.json(['stop'])).toMatchObject({ stopped: true, pid: hub.pid })
    expect(() => process.kill(hub.pid!, 0)).toThrow('ESRCH')
    await expect(stat(hub.socket)).rejects.toThrow('ENOENT')
    expect(await shell.json(['stop'])).toMatchObject({ stopped: false })
    expect(await shell.json(['get-state', 'k'])).toMatchObject({ value: 'kept' })
  })

  it('starts: a hub, a check with a real message, what to type next, and the hub goes on', async () => {
    const first = await shell.run(['start'])
    expect(first).toMatchObject({ code: 0, stderr: '' })
    for (const text of [
      'Starting the hub',
      'a message went from self-check-a to self-check-b',
      'its receipt says consumed',
      /Self-check passed in \d+ ms/,
      /claude mcp add .*switchboard .*-- .* mcp/,
      'register',
      'watch',
      'stop',
    ]) {
      expect(first.stdout).toMatch(text)
    }
    const again = await shell.run(['start', '--no-follow'])
    expect(again.stdout).toContain('The hub runs already')
    expect((await shell.json<{ sessions: object[] }>(['sessions'])).sessions).toEqual([])
    expect((await status(shell)).code).toBe(0)
  })

  it('leaves no session, event or receipt in any list, however often it and `doctor` check, also at once', async () => {
    await shell.json(['start'])
    const before = await shell.json<{ store: object }>(['status'])
    const watching = shell.begin(['watch', '--last', '20', '--json'])
    const runs = [['start'], ['doctor'], ['start'], ['start', '--json'], ['doctor', '--json'], ['start']]
    for (const { code, stdout, stderr } of await Promise.all(runs.map(run => shell.here(run)))) {
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    }
    expect(await shell.json(['sessions', '--include-gone'])).toMatchObject({ sessions: [] })
    expect(await shell.json(['events', '--order', 'asc'])).toMatchObject({ events: [] })
    expect(await shell.json(['events', '--types', 'self_check,doctor_check'])).toMatchObject({ events: [] })
    expect(await shell.json(['channels'])).toMatchObject({ channels: [] })
    expect(await shell.json(['inbox'])).toMatchObject({ messages: [] })
    expect(await shell.json(['status'])).toMatchObject({
      sessions: 0,
      store: { sessions: 0, live_sessions: 0 },
    })
    expect(before).toMatchObject({ sessions: 0 })
    const { credential } = await shell.json<{ credential: string }>(['register', 'somebody'])
    const env = { SWITCHBOARD_TOKEN: credential }
    const sent = await shell.json(['publish', 'hi', '--to', 'all'], { env })
    expect(sent).toMatchObject({ recipients: [] })
    await untilPasses(() => expect(watching.output()).toContain('"text":"hi"'))
    const types = watching
      .output()
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { type?: string }).type)
    expect(types).toEqual(['session_registered', 'message'])
  })

  it('goes on without the check where a credential may not ask for it', async () => {
    const { token } = await shell.json<{ token: string }>(['token', 'create', 'ci'])
    const { code, stdout } = await shell.here(['start'], { env: { SWITCHBOARD_TOKEN: token } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Self-check left out: .*`?admin/) })
  })

  it('checks itself as the user where a session’s credential is in the environment', async () => {
    const { credential } = await shell.json<{ credential: string }>(['register', 'self'])
    const env = { SWITCHBOARD_TOKEN: credential }
    expect(await shell.json(['start'], { env })).toMatchObject({ self_check: { ok: true } })
    expect(await shell.json(['whoami'], { env })).toMatchObject({ name: 'self' })
  })

  it('prints commands of `start` that work', async () => {
    const { stdout } = await shell.run(['start', '--json'])
    const { next } = JSON.parse(stdout) as { next: { command: string }[] }
    const line = next.map(({ command }) => command).find(command => command.endsWith(' status'))
    expect(line).toBeDefined()
    expect(execFileSync('bash', ['-c', line!], { cwd: shell.folder, env: shell.env, encoding: 'utf8' })).toContain(
      'running',
    )
  })

  it('runs a hub in the foreground until a signal', async () => {
    const hub = shell.begin(['hub'])
    await untilPasses(async () => expect((await status(shell)).code).toBe(0))
    expect((await status(shell)).hub.pid).toBe(hub.child.pid)
    const second = await shell.run(['hub'])
    expect(second.code).toBe(3)
    expect(JSON.parse(second.stderr).next).toContain('switchboard status')
    hub.child.kill('SIGTERM')
    expect((await hub.ended).code).toBe(0)
    expect((await status(shell)).code).toBe(6)
  })

  it('runs a hub in the background, one only, at the wished port', async () => {
    const port = await freePort()
    const { hub } = await shell.json<{ hub: { pid: number; url: string } }>([
      'hub',
      '--background',
      '--port',
      String(port),
    ])
    expect(hub.url).toBe(`http://127.0.0.1:${port}`)
    expect(await shell.json(['hub', '--background'])).toMatchObject({ started: false, hub: { pid: hub.pid } })
    expect((await shell.run(['hub', '--help'])).stdout).toContain('--background')
  })
})

describe('a hub that is told its port', () => {
  let shell: Shell
  beforeEach(async () => {
    shell = await openShell()
  })
  afterEach(() => shell.close())

  it('does not start where another program holds it, unless any other may serve', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String((other.address() as AddressInfo).port)
    const taken = `expected port ${port} of 127.0.0.1 to be free: another program holds it`
    const foreground = await shell.run(['hub', '--port', port])
    expect(foreground.code).toBe(6)
    expect(foreground.stderr).toContain(taken)
    expect(foreground.stderr).toContain('--any-port')
    const background = await shell.here(['hub', '--background', '--port', port])
    expect({ code: background.code, stderr: background.stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining(`error: the hub cannot start: ${taken}`),
    })
    expect((await status(shell)).code).toBe(6)
    const { hub } = await shell.json<{ hub: { url: string; taken_port: number } }>([
      'hub',
      '--background',
      '--port',
      port,
      '--any-port',
    ])
    expect(hub).toMatchObject({ taken_port: Number(port), url: expect.not.stringContaining(`:${port}`) })
    other.close()
    await once(other, 'close')
  })
})

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  return await new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
