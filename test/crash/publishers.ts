import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Entry, readLedger } from './ledger.ts'

export interface Publishers extends AsyncDisposable {
  /** Lets each finish the message that it is at; rejects where one failed. */
  stop(): Promise<Entry[]>
  /** How many messages were acknowledged so far. */
  acknowledged(): number
  /** Rejects as soon as one of them fails. */
  readonly failure: Promise<never>
}

/** Starts publishers as processes, each with a ledger in a folder outside of the hub's home. */
export async function startPublishers(program: string, count: number, env: NodeJS.ProcessEnv): Promise<Publishers> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-ledger-'))
  const names = Array.from({ length: count }, (_, n) => `publisher-${n}`)
  let acknowledged = 0
  const running = names.map(name => {
    const child = spawn(process.execPath, [program, name, join(folder, name)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (dots: Buffer) => {
      acknowledged += dots.length
    })
    return { child, ended: endOf(name, child) }
  })
  const failure = new Promise<never>((_, reject) => {
    for (const { ended } of running) ended.catch(reject)
  })
  failure.catch(() => undefined)
  return {
    acknowledged: () => acknowledged,
    failure,
    async stop() {
      for (const { child } of running) child.kill('SIGTERM')
      await Promise.all(running.map(each => each.ended))
      return names.flatMap(name => readLedger(join(folder, name)))
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.allSettled(running.map(each => each.ended))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function endOf(name: string, child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}: ${said}`)
  })
  // A caller that awaits it gets the error; until then it must not count as unhandled.
  ended.catch(() => undefined)
  return ended
}
