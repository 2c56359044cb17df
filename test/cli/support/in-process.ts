import { runCli } from '../../../src/transports/cli/index.ts'
import { ioOf, type Output } from '../../../src/transports/cli/io.ts'

export interface Ran {
  /** The exit code; 128 + the signal's number where a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const never = () => Promise.reject(new Error('expected a command that ends by itself'))

/** Runs a command line of the sources in this process. */
export async function runInProcess(
  argv: readonly string[],
  {
    env,
    cwd,
    stdin = '',
    columns,
    program,
  }: {
    env: NodeJS.ProcessEnv
    cwd: string
    stdin?: string
    columns?: number | undefined
    program?: string | undefined
  },
): Promise<Ran> {
  const [stdout, stderr] = [new Printed(columns), new Printed(columns)]
  const signal = new AbortController().signal
  const called = program === undefined ? {} : { program: () => program }
  const io = ioOf({ ...called, env, cwd, stdout, stderr, stdin: async () => Buffer.from(stdin), signal })
  const code = await runCli(argv, { hub: never, mcp: never }, io)
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** A terminal without colours, where it has columns. */
class Printed implements Output {
  text = ''
  readonly isTTY: boolean
  readonly columns: number

  constructor(columns: number | undefined) {
    this.isTTY = columns !== undefined
    this.columns = columns ?? 0
  }

  write(text: string): void {
    this.text += text
  }
}
