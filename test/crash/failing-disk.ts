import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '../until.ts'
import type { Programs } from './programs.ts'
import type { TestHome } from './temp-home.ts'

/** Whether strace is here and may trace: a container can forbid it. */
export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

interface TracedHub {
  /** Resolves with the exit code when the hub has ended. */
  readonly ended: Promise<number>
  /** Its syncs of the disk so far, one line each. */
  syncs(): string[]
}

export interface FailingHub {
  readonly ended: TracedHub['ended']
  /** What the disk failed to sync. */
  failures(): { readonly path: string; readonly isOfStore: boolean }[]
}

/** A hub whose `nth` sync of the disk fails with EIO, counted per thread; those after it would succeed again. */
export function startOnFailingDisk(programs: Programs, home: TestHome, nth: number): FailingHub {
  const { ended, syncs } = startTraced(programs, home, ['-e', `inject=${SYNCS}:error=EIO:when=${nth}`])
  return {
    ended,
    failures: () => {
      const paths = syncs().flatMap(line => (line.endsWith('(INJECTED)') ? (/<(.*)>\)/.exec(line)?.[1] ?? '') : []))
      return paths.map(path => ({ path, isOfStore: path.startsWith(home.paths.storeFile) }))
    },
  }
}

/** SQLite writes by nothing else. */
export const NO_QUOTA = 'inject=pwrite64:error=EDQUOT'

/** From now on, until it is disposed, each write of a hub to its store fails as on a disk whose quota is used up. */
export async function useUpQuota(pid: number): Promise<AsyncDisposable> {
  const child = spawn('strace', ['-f', '-p', `${pid}`, '-o', '/dev/null', '-e', NO_QUOTA])
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const ended = once(child, 'close')
  await until(() => said.includes('attached'), { what: 'strace to be attached', detail: () => said })
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await ended
    },
  }
}

const SYNCS = 'fsync,fdatasync'

/** A hub whose syncs are written down. It goes with its home. */
export function startTraced({ hub }: Programs, home: TestHome, options: readonly string[] = []): TracedHub {
  const trace = join(dirname(hub), `trace-${randomUUID()}`)
  const traced = ['-f', '-y', '-qq', '-o', trace, '-e', `trace=${SYNCS}`, ...options, process.execPath, hub, 'hub']
  const child = spawn('strace', traced, { env: home.env, stdio: 'ignore' })
  return {
    ended: once(child, 'close').then(([code]) => Number(code)),
    syncs: () =>
      readFileSync(trace, 'utf8')
        .split('\n')
        .filter(line => line.includes('sync(')),
  }
}
