import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ERRORS } from '../../src/bus/errors.ts'
import { connect } from '../../src/client/index.ts'
import { createStarter } from '../../src/client/start-hub.ts'
import { homePaths } from '../../src/home/paths.ts'
import { takeLock } from '../../src/hub/lock.ts'
import { until } from '../until.ts'
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

  it('start no hub after hub while another holds the home and cannot be reached', async () => {
    const { home, env, paths } = await testHome()
    await writeFile(join(home, 'loser.mjs'), `process.exit(${ERRORS.identity_taken.exit})`)
    vi.stubEnv('SWITCHBOARD_PROGRAM', join(home, 'loser.mjs'))
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
      vi.unstubAllEnvs()
    })
    const starter = createStarter(paths, env)
    const launches = new Set<unknown>()
    /** Asks again and again, as a client does, until the hub that was started has lost. */
    const hasLost = () =>
      until(async () => {
        const launch = await starter.start()
        if (launch) launches.add(launch)
        return launch === undefined
      })
    for (const [begun, restMs] of [200, 400, 800, 1_600, 3_200, 5_000, 5_000].entries()) {
      await hasLost()
      expect(launches.size).toBe(begun + 1)
      vi.advanceTimersByTime(restMs - 1)
      expect(await starter.start()).toBeUndefined()
      vi.advanceTimersByTime(2)
    }
    await hasLost()
    // One answered, and has gone again.
    starter.reached()
    expect(await starter.start()).toBeDefined()
    await hasLost()
  })

  it('say where the hub should be when it holds the home and does not come', async () => {
    const { env, paths } = await testHome()
    await mkdir(paths.data, { recursive: true, mode: 0o700 })
    const release = await takeLock(paths.lockFile)
    onTestFinished(release)
    const client = connect({ env, deadlineMs: 1_000 })
    const refusal = { code: 'hub_unavailable', message: expect.stringContaining(paths.socket) }
    await expect(client.request('GET', '/v1/hub')).rejects.toMatchObject(refusal)
    await client.close()
    expect((await logOf(paths.logFile)).started).toBe(0)
  })
})
