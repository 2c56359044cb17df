import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { homePaths } from '../../../src/home/paths.ts'
import { until } from '../../until.ts'

/** A home of its own, with an environment for it; whatever hub runs there ends with the test. */
export async function testHome() {
  const home = await mkdtemp(join(tmpdir(), 'swb-test-'))
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_PORT: '0',
  }
  const paths = homePaths(env)
  onTestFinished(async () => {
    await endProcessesOf(home)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  })
  return { home, env, paths, hubPid: () => hubPid(paths.hubFile) }
}

export async function hubPid(hubFile: string): Promise<number | undefined> {
  try {
    return (JSON.parse(await readFile(hubFile, 'utf8')) as { pid: number }).pid
  } catch {
    return undefined
  }
}

/** Processes that run with this home, by their environment: exact, and only what this test began. */
export function processesOf(home: string): number[] {
  const mark = `SWITCHBOARD_HOME=${home}`
  const listed = existsSync('/proc/self/environ')
    ? execFileSync('sh', ['-c', `grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null || true`, 'sh', mark], {
        encoding: 'utf8',
      })
    : ''
  return [...listed.matchAll(/\/proc\/(\d+)\//g)].map(match => Number(match[1])).filter(pid => pid !== process.pid)
}

async function endProcessesOf(home: string): Promise<void> {
  await until(() => {
    // `grep` itself does not carry the mark: it inherits this process's environment.
    const pids = processesOf(home)
    for (const pid of pids) tryKill(pid)
    return pids.length === 0
  })
}

export function tryKill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
