import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

export interface FailingHub {
  /** Resolves with the exit code when the hub has ended. */
  readonly ended: Promise<number>
  /** What the disk failed to sync. */
  failures(): { readonly path: string; readonly isFolder: boolean }[]
}

/** A hub whose `nth` sync of the disk fails with EIO, counted per thread; those after it would succeed again. */
export function startOnFailingDisk({ hub }: Programs, home: TestHome, nth: number): FailingHub {
  const trace = join(dirname(hub), `trace-${nth}`)
  const syncs = 'fsync,fdatasync'
  const options = [
    '-f',
    '-y',
    '-qq',
    '-o',
    trace,
    '-e',
    `trace=${syncs}`,
    '-e',
    `inject=${syncs}:error=EIO:when=${nth}`,
  ]
  const child = spawn('strace', [...options, process.execPath, hub, 'hub'], { env: home.env, stdio: 'ignore' })
  return {
    ended: once(child, 'close').then(([code]) => Number(code)),
    failures: () => {
      const lines = readFileSync(trace, 'utf8').split('\n')
      const paths = lines.flatMap(line => (line.endsWith('(INJECTED)') ? (/<(.*)>\)/.exec(line)?.[1] ?? '') : []))
      return paths.map(path => ({ path, isFolder: path === home.paths.data }))
    },
  }
}
