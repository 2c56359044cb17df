import { CommanderError } from 'commander'
import { commands } from '../../../src/transports/cli/commands.ts'
import type { Io, Sink } from '../../../src/transports/cli/io.ts'
import { buildProgram } from '../../../src/transports/cli/program.ts'
import { lookOf } from '../../../src/transports/cli/render/look.ts'

const never = () => Promise.reject(new Error('help runs nothing'))

/** What a command prints for `--help`, without a process. */
export async function helpOf(words: string): Promise<string> {
  let printed = ''
  const out: Sink = {
    look: lookOf({}, {}),
    isTerminal: false,
    line: text => {
      printed += `${text}\n`
    },
    json: () => {},
  }
  const io: Io = { env: {}, cwd: '/', out, err: out, signal: new AbortController().signal, stdin: never, file: never }
  const program = buildProgram(commands({ hub: never, mcp: never }), io, () => {})
  try {
    await program.parseAsync([...words.split(' ').filter(Boolean), '--help'], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error
  }
  return printed
}
