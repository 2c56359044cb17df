import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { bellSocket } from '../../home/bell-socket.ts'
import { homePaths } from '../../home/paths.ts'
import type { Io } from './io.ts'

const RETRY_MS = 250

/**
 * Waits at the session process beside the same client until it rings. Gives each line; ends when the session process
 * does, or does not want this bell. `patienceMs`: how long a session process that is not there yet is waited for.
 */
export async function* bellRings(kind: 'monitor' | 'rewake', patienceMs: number, io: Io): AsyncGenerator<string> {
  const paths = homePaths(io.env)
  const sockets = (await clientPids(io.env)).map(pid => bellSocket(paths, pid))
  const deadline = Date.now() + patienceMs
  while (!io.signal.aborted) {
    for (const path of sockets) {
      let wasThere = false
      for await (const line of linesFrom(path, kind, io.signal)) {
        wasThere = true
        if (line !== '') yield line
      }
      if (wasThere) return
    }
    if (Date.now() > deadline) return
    await sleep(RETRY_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
}

/** An empty line first, once connected. */
async function* linesFrom(path: string, kind: string, signal: AbortSignal): AsyncGenerator<string> {
  const socket = connect({ path, signal })
  socket.setEncoding('utf8')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    yield ''
    socket.write(`${kind}\n`)
    let rest = ''
    for await (const chunk of socket) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch {
    // Nobody is there, or not any more.
  } finally {
    socket.destroy()
  }
}

/** The client is this process's parent, or a shell stands between. */
async function clientPids(env: NodeJS.ProcessEnv): Promise<number[]> {
  const named = Number(env.CLAUDE_PID)
  const parents = [process.ppid, ...(await parentOf(process.ppid))]
  return [...new Set([...(named > 0 ? [named] : []), ...parents])]
}

async function parentOf(pid: number): Promise<number[]> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', String(pid)])
    const parent = Number(stdout)
    return parent > 1 ? [parent] : []
  } catch {
    return []
  }
}
