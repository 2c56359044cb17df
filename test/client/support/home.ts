import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { homePaths } from '../../../src/home/paths.ts'
import { endProcessesOf } from '../../crash/processes.ts'

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

export function tryKill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
