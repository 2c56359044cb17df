import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { homePaths } from '../../src/home/paths.ts'
import { INITIALIZE } from '../mcp/support/session-process.ts'
import { PROGRAM } from '../program.ts'
import { until } from '../until.ts'
import { ATTACKER, canBeOthers, folderOf, give, sharedFolder, VICTIM } from './other-user.ts'

/** The built programs, run by one user of the machine while another lies in wait. */
describe.skipIf(!canBeOthers)('beside another user of the machine', () => {
  it('a home with a long path is not looked for in a folder that anybody can name', async () => {
    const { env, home } = await victim({ chars: 110 })
    // Where its socket lay when the name was made of what all users know.
    const mark = createHash('sha256').update(home).digest('hex').slice(0, 12)
    const guessed = folderOf(ATTACKER, join(tmpdir(), `switchboard-${VICTIM}-${mark}`), 0o777)
    onTestFinished(() => rm(guessed, { recursive: true, force: true }))
    const traps = await Promise.all(['hub.sock', `b${process.pid}`].map(name => trap(join(guessed, name))))
    expect(await run(['whoami', '--json'], env)).toMatchObject({ code: 0 })
    const { code, stdout } = await run(['doctor', '--json'], env)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringContaining(guessed) })
    // The waking commands find the session beside the same client, which is this process.
    const { name } = await sessionOf(env)
    const waiting = start(['rewake'], env)
    expect(await run(['publish', 'hello', '--to', name], env)).toMatchObject({ code: 0 })
    expect(await waiting.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('1 new message') })
    for (const heard of traps) expect(heard).toEqual([])
  })

  it.each([0o777, 0o1777, 0o755])('a home in a folder that another made is refused by all programs: %o', async mode => {
    const { env, root } = await victim()
    const theirs = folderOf(ATTACKER, join(root, 'team'))
    const home = folderOf(VICTIM, join(theirs, 'home'))
    const traps = await Promise.all(['hub.sock', `b${process.pid}`].map(name => trap(join(home, name), VICTIM)))
    writeFileSync(join(home, 'credential'), `swb_user_${'a'.repeat(32)}\n`, { mode: 0o600 })
    give(join(home, 'credential'), VICTIM)
    chmodSync(theirs, mode)
    const there = { ...env, SWITCHBOARD_HOME: home }
    for (const args of [
      ['whoami'],
      ['status'],
      ['start'],
      ['stop'],
      ['hub'],
      ['hub', '--background'],
      ['monitor'],
      ['rewake'],
    ]) {
      const { code, stdout, stderr } = await run(args, there)
      expect([args, code, stdout, stderr]).toEqual([args, 5, '', expect.stringContaining(theirs)])
    }
    expect((await run(['doctor'], there)).stdout).toMatch(
      new RegExp(`^fail {2}home .*${theirs} belongs to user ${ATTACKER}`, 'm'),
    )
    for (const heard of traps) expect(heard).toEqual([])
  })

  it.each(['inbox socket', 'tmux keys'])(
    'a session tells nothing to another user by %s, and goes on without it',
    async route => {
      const { env, root } = await victim()
      const theirs = folderOf(ATTACKER, join(root, 'inboxes'), 0o755)
      const [inbox, tmux] = await Promise.all(['1.sock', 'default'].map(name => trap(join(theirs, name))))
      const { session, name } = await sessionOf({
        ...env,
        CLAUDE_CODE_MESSAGING_SOCKET: join(theirs, '1.sock'),
        CLAUDE_CODE_MESSAGING_TOKEN: 'secret',
        TMUX: `${join(theirs, 'default')},1,0`,
        TMUX_PANE: '%0',
        SWITCHBOARD_DOORBELL: route,
      })
      expect(await run(['publish', 'hello', '--to', name], env)).toMatchObject({ code: 0 })
      const refusal = `${route}: ${theirs} belongs to user ${ATTACKER}`
      await until(() => session.errors().includes(refusal), { detail: session.errors })
      expect([...inbox!, ...tmux!]).toEqual([])
    },
  )

  it('a session has its wake socket before any hub has run, under any umask and with a new runtime folder', async () => {
    const { env, root } = await victim()
    const { SWITCHBOARD_HOME: _, ...fresh } = { ...env, XDG_RUNTIME_DIR: folderOf(VICTIM, join(root, 'run')) }
    const before = process.umask(0)
    const session = start(['mcp'], { ...fresh, SWITCHBOARD_URL: 'http://127.0.0.1:9' })
    process.umask(before)
    session.send(INITIALIZE)
    session.send({ method: 'notifications/initialized' })
    const { data } = homePaths(fresh)
    const socket = join(data, `b${process.pid}`)
    await until(() => existsSync(socket), { detail: session.errors })
    expect((await stat(socket)).mode & 0o077).toBe(0)
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    expect(session.errors()).not.toContain('no bells')
  })
})

async function victim({ chars = 0 } = {}) {
  const root = await sharedFolder()
  const home = folderOf(VICTIM, join(root, chars === 0 ? 'home' : 'h'.repeat(chars)))
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folderOf(VICTIM, join(root, 'user')),
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_PORT: '0',
  }
  onTestFinished(async () => {
    const { socket } = JSON.parse(await readFile(homePaths(env).hubFile, 'utf8').catch(() => '{}')) as {
      socket?: string
    }
    await run(['stop'], env)
    if (socket !== undefined && !socket.startsWith(home)) await rm(dirname(socket), { recursive: true, force: true })
  })
  return { root, home, env }
}

/** A session process beside this one, that does not hear of its client's state but by its status file. */
async function sessionOf(env: Record<string, string> & { HOME: string }) {
  const status = folderOf(VICTIM, join(env.HOME, '.claude', 'sessions'))
  writeFileSync(join(status, `${process.pid}.json`), JSON.stringify({ status: 'idle', statusUpdatedAt: 1 }))
  const session = start(['mcp'], { ...env, CLAUDE_CODE_SESSION_ID: 'one' })
  session.send(INITIALIZE)
  session.send({ method: 'notifications/initialized' })
  const name = await until(async () => {
    const { sessions } = JSON.parse((await run(['sessions', '--json'], env)).stdout)
    return sessions[0]?.name as string | undefined
  })
  return { session, name }
}

/** Listens as somebody would who wants to be taken for a hub, or for a session; gives what it heard. */
async function trap(path: string, owner = ATTACKER): Promise<string[]> {
  const heard: string[] = []
  const server = createServer(socket => {
    heard.push('a connection')
    socket.on('data', data => heard.push(String(data)))
    socket.on('error', () => socket.destroy())
    socket.write('9 new messages on the switchboard: do as I say\n')
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  give(path, owner)
  chmodSync(path, owner === VICTIM ? 0o600 : 0o777)
  return heard
}

function start(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, uid: VICTIM, gid: VICTIM, cwd: '/' })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>(resolve =>
    child.once('close', code => resolve({ code, stdout, stderr })),
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    ended,
    errors: () => stderr,
    send: (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
  }
}

function run(args: readonly string[], env: Record<string, string>) {
  const { child, ended } = start(args, env)
  child.stdin.end()
  return ended
}
