import { runInProcess } from './in-process.ts'

/** What a command prints for `--help`, without a process. */
export async function helpOf(words: string, program?: string): Promise<string> {
  const argv = [...words.split(' ').filter(Boolean), '--help']
  return (await runInProcess(argv, { env: {}, cwd: '/', program })).stdout
}
