import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { BusError } from '../../bus/errors.ts'
import { homePaths } from '../../home/paths.ts'
import { connectPrivately, findSocket, wakeSocket } from '../../home/sockets.ts'
import type { Io } from './io.ts'

const RETRY_MS = 250

/**
 * Waits at the session process beside the same client until it rings. Gives each line; ends when the session process
 * does, or does not want this bell. `patienceMs`: how long a session process that is not there yet is waited for.
 */
export async function* bellRings(kind: 'monitor' | 'rewake', patienceMs: number, io: Io): AsyncGenerator<string> {
  const paths = homePaths(io.env)
  const names = (await clientPids(io.env)).map(wakeSocket)
  const deadline = performance.now() + patienceMs
  while (!io.signal.aborted) {
    for (const name of names) {
      let wasThere = false
      for await (const line of linesFrom(findSocket(paths, name), kind, io.signal)) {
        wasThere = true
        if (line !== '') yield line
      }
      if (wasThere) return
    }
    if (performance.now() > deadline) return
    await sleep(RETRY_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
}

/** An empty line first, once connected. */
async function* linesFrom(path: string, kind: string, signal: AbortSignal): AsyncGenerator<string> {
  let socket: Socket | undefined
  try {
    socket = addAbortSignal(signal, connectPrivately(path))
    socket.setEncoding('utf8')
    await once(socket, 'connect')
    yield ''
    socket.write(`${kind}\n`)
    let rest = ''
    for await (const chunk of socket) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    // Else nobody is there, or not any more.
    if (error instanceof BusError) throw error
  } finally {
    socket?.destroy()
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
