import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** The words of another process's command line; none where they cannot be read. */
export async function argumentsOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  } catch {
    // Not on Linux.
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)])
    return stdout.trim().split(/\s+/)
  } catch {
    return []
  }
}

/** `--print`, or `p` among the letters of one argument (`-cp`). */
function prints(arg: string): boolean {
  return arg === '--print' || (/^-\w+$/.test(arg) && arg.includes('p'))
}

/** It takes prompts for as long as they come (`--input-format stream-json`), and its reader sees each answer. */
const STREAMS = /^(?:--input-format=)?stream-json$/

/**
 * Whether this client prints one answer and ends: another round would print the answer to a letter in place of it.
 * As the client itself says (`CLAUDE_CODE_ENTRYPOINT`), or its command line where it was started by another client.
 */
export function printsOneAnswer(
  args: readonly string[],
  { CLAUDE_CODE_ENTRYPOINT: entry }: NodeJS.ProcessEnv,
): boolean {
  const streams = args.some((arg, i) => STREAMS.test(arg) && (arg.includes('=') || args[i - 1] === '--input-format'))
  return !streams && (entry?.startsWith('sdk') === true || args.some(prints))
}
