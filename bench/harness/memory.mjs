import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Resident set of a process, in MB (1,000,000 bytes). */
export function residentMb(pid) {
  const status = `/proc/${pid}/status`
  const kib = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  if (!kib) throw new Error(`no resident set for process ${pid}`)
  return (Number(kib) * 1024) / 1_000_000
}
