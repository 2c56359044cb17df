import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../../../bus/errors.ts'
import { say } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import { runningHub } from '../hub-info.ts'
import { actor } from '../identity.ts'

/** A hub lets running calls finish first; the longest of them waits for mail and is cut short. */
const STOP_MS = 10_000
/** From the last answer to the end of the process; one that nobody reaps seems to live for ever. */
const EXIT_MS = 2_000

/** Stops the hub and comes back when it is gone. Where none runs there is nothing to do, and that is no failure. */
export async function stop(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const hub = await runningHub(invocation)
  if (hub === undefined) {
    if (global.isJson) io.out.json({ stopped: false, running: false })
    else io.out.line('No hub runs.')
    return 0
  }
  const { client } = await actor(invocation)
  try {
    await client.request('POST', '/v1/hub/stop', { signal: io.signal })
  } finally {
    await client.close()
  }
  await gone(invocation, hub.pid)
  if (global.isJson) io.out.json({ stopped: true, running: false, pid: hub.pid })
  else {
    io.out.line(say`Stopped the hub (pid ${hub.pid}). What was stored stays.`)
    io.out.line('The next command or running session that needs a hub starts one.')
  }
  return 0
}

async function gone(invocation: Invocation, pid: number): Promise<void> {
  const { io, global } = invocation
  const deadline = performance.now() + (global.timeoutMs ?? STOP_MS)
  while ((await runningHub(invocation)) !== undefined) {
    if (performance.now() > deadline) {
      throw new BusError('timed_out', say`expected the hub (pid ${pid}) to end, and it still answers`, {
        next: say`See its log, or end it: kill ${pid}`,
      })
    }
    await sleep(20, undefined, { signal: io.signal })
  }
  const patience = performance.now() + EXIT_MS
  while (isAlive(pid) && performance.now() < patience) await sleep(10, undefined, { signal: io.signal })
}

/** `stop` waits for the process to end, too. Whether a hub runs is told by its lock, not by this. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
