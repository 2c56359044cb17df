import { readdir, readFile } from 'node:fs/promises'
import { until } from '../until.ts'

/**
 * Processes that run with this home, found by their environment: a client may have started a hub at the very end that
 * answers nobody yet. Where there is no /proc it finds none.
 */
export async function processesOf(home: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async pid => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`SWITCHBOARD_HOME=${home}`) && pid !== process.pid ? [pid] : []
    }),
  )
  return found.flat()
}

/** Kills what runs with this home until nothing does: one that dies may have started another. */
export async function endProcessesOf(home: string): Promise<void> {
  let quiet = 0
  const isOver = async () => {
    const pids = await processesOf(home)
    quiet = pids.length === 0 ? quiet + 1 : 0
    for (const pid of pids) kill9(pid)
    return quiet === 2
  }
  await until(isOver, { what: `all processes of ${home} to end` })
}

/** Says whether there was such a process. */
export function kill9(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
