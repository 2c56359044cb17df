import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { testHome, tryKill } from '../client/support/home.ts'
import { processesOf } from '../crash/processes.ts'
import { until } from '../until.ts'
import { session } from './support/session-process.ts'

describe('a session whose hub is away', () => {
  it('hears so, and does not start a hub elsewhere', async () => {
    const { env } = await testHome()
    // Nobody listens there.
    const one = await session({ ...env, SWITCHBOARD_URL: 'http://127.0.0.1:9', SWITCHBOARD_TOKEN: 'swb_token_x' })
    for (let i = 0; i < 2; i++) {
      expect(await one.tool('inbox')).toMatchObject({
        isError: true,
        error: { code: 'hub_unavailable', next: expect.any(String) },
      })
    }
  })

  it('starts one with its next call after a kill, as the same session', async () => {
    const { env, hubPid } = await testHome()
    const one = await session(env)
    const { id } = await until(async () => {
      const who = await one.tool('whoami')
      return who.isError ? undefined : who
    })
    const killed = await until(hubPid)
    tryKill(killed)
    await until(async () => (await one.tool('whoami')).id === id)
    await until(async () => (await hubPid()) !== killed)
  })

  it('does not bring back a hub that somebody stopped, until it needs it', async () => {
    const { env, home, hubPid, paths } = await testHome()
    const one = await session(env)
    await until(async () => !(await one.tool('whoami')).isError)
    tryKill(await until(hubPid), 'SIGTERM')
    await until(async () => (await hubPid()) === undefined)
    await until(async () => (await processesOf(home)).length === 1, { what: 'the hub to end' })
    const attempts = await countAttempts(paths.socket)
    await until(() => attempts.count() >= 3)
    expect(await processesOf(home), 'the session, and no hub').toEqual([one.transport.pid])
    await attempts.stop()
    await until(async () => !(await one.tool('whoami')).isError)
  })

  it('hears so also while the hub hangs, and is served when it goes on', async () => {
    const { env, hubPid } = await testHome()
    const one = await session(env)
    await until(async () => !(await one.tool('whoami')).isError)
    const pid = await until(hubPid)
    tryKill(pid, 'SIGSTOP')
    expect(await one.tool('inbox', { wait_seconds: 60 })).toMatchObject({
      isError: true,
      error: { code: 'hub_unavailable' },
    })
    tryKill(pid, 'SIGCONT')
    await until(async () => !(await one.tool('whoami')).isError)
  })

  it('registers anew with a hub that has forgotten everything', async () => {
    const { env, hubPid, paths } = await testHome()
    const one = await session({ ...env, CLAUDE_CODE_SESSION_ID: 'x' })
    const before = await until(async () => (await one.tool('whoami')).id as string | undefined)
    tryKill(await until(hubPid))
    for (const suffix of ['', '-wal', '-shm']) await rm(`${paths.storeFile}${suffix}`, { force: true })
    const after = await until(async () => (await one.tool('whoami')).id as string | undefined)
    expect(after).not.toBe(before)
  })

  it('has its stream again after a kill, without a call of its own', async () => {
    const { env, hubPid } = await testHome()
    const a = await session(env)
    const b = await session(env)
    const { name } = await until(async () => {
      const who = await b.tool('whoami')
      return who.isError ? undefined : who
    })
    await until(async () => !(await a.tool('whoami')).isError)
    tryKill(await until(hubPid))
    // Only `a` asks; `b` is seen again because its stream came back by itself.
    await until(async () => {
      const { sessions } = await a.tool('list_sessions')
      return sessions?.some(
        (each: { name: string; seen_seconds_ago: number }) => each.name === name && each.seen_seconds_ago <= 1,
      )
    })
  })
})

/** Stands in for the hub that is away, and counts who asks for it. */
async function countAttempts(socketPath: string) {
  let count = 0
  const server = createServer(socket => {
    count++
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(socketPath, resolve))
  await chmod(socketPath, 0o600)
  return { count: () => count, stop: () => new Promise(resolve => server.close(resolve)) }
}
