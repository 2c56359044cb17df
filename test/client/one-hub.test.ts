import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { homePaths } from '../../src/home/paths.ts'
import { takeLock } from '../../src/hub/lock.ts'
import { testHome } from './support/home.ts'

/** How programs of one user differ: a desktop's, a service's, one of cron, ssh or a sandbox, and an agent's. */
const SURROUNDINGS = (root: string): Record<string, NodeJS.ProcessEnv> => ({
  desktop: { XDG_RUNTIME_DIR: join(root, 'run') },
  service: { XDG_RUNTIME_DIR: join(root, 'not', 'there'), TMPDIR: join(root, 'private-tmp') },
  cron: {},
  agent: { TMPDIR: '/nonexistent', XDG_RUNTIME_DIR: '' },
})

async function logOf(file: string): Promise<{ started: number; lost: number }> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return {
    started: lines.filter(line => line.includes('"started"')).length,
    lost: lines.filter(line => line.includes('"identity_taken"')).length,
  }
}

describe('programs of one user', () => {
  it.each([
    { length: 'short', chars: 0 },
    { length: 'long', chars: 110 },
  ])('use one hub, whatever each knows of runtime and temp folders; a home with a $length path', async ({ chars }) => {
    const { home, env } = await testHome()
    const own = chars === 0 ? home : join(home, 'h'.repeat(chars))
    await mkdir(own, { recursive: true, mode: 0o700 })
    await mkdir(join(home, 'run'), { mode: 0o700 })
    const { SWITCHBOARD_HOME: _, ...rest } = env
    const base = { ...rest, HOME: own }
    const paths = homePaths(base)
    const programs = Object.values(SURROUNDINGS(home)).map(more => connect({ env: { ...base, ...more } }))
    onTestFinished(async () => {
      const { socket } = (await programs[0]!.request('GET', '/v1/hub')) as { socket: string }
      await programs[0]!.request('POST', '/v1/hub/stop')
      await Promise.all(programs.map(each => each.close()))
      if (!socket.startsWith(home)) await rm(dirname(socket), { recursive: true, force: true })
    })
    const pidOf = async (program: (typeof programs)[number]) =>
      ((await program.request('GET', '/v1/hub')) as { pid: number }).pid
    const first = await Promise.all(programs.map(pidOf))
    // Each begins anew, as short commands do.
    const later = await Promise.all(
      Object.values(SURROUNDINGS(home)).flatMap(more =>
        Array.from({ length: 5 }, async () => {
          const program = connect({ env: { ...base, ...more } })
          return await pidOf(program).finally(() => program.close())
        }),
      ),
    )
    expect(new Set([...first, ...later]).size).toBe(1)
    const { started, lost } = await logOf(paths.logFile)
    expect(started).toBe(1)
    expect(lost).toBeLessThan(programs.length)
  })

  it('start no hub after hub while another holds the home and can not be reached', async () => {
    const { env, paths } = await testHome()
    await mkdir(paths.data, { recursive: true, mode: 0o700 })
    const release = await takeLock(paths.lockFile)
    onTestFinished(release)
    const patient = { env, deadlineMs: 4_000 }
    const programs = [connect(patient), connect(patient)]
    const asked = await Promise.allSettled(
      programs.map(each => each.request('GET', '/v1/hub').finally(() => each.close())),
    )
    for (const each of asked) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'hub_unavailable' } })
    const { started, lost } = await logOf(paths.logFile)
    // After 0, 0.2, 0.6, 1.4 and 3.0 s at the soonest.
    expect({ started, isSoon: lost <= 5 * programs.length, isTried: lost >= programs.length }).toEqual({
      started: 0,
      isSoon: true,
      isTried: true,
    })
  })
})
