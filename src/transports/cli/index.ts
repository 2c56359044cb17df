import { CommanderError } from 'commander'
import { say } from '../../bus/say.ts'
import { requireWhole } from '../../home/system-text.ts'
import { commands } from './commands.ts'
import type { Doors } from './doors.ts'
import { printError } from './errors.ts'
import { EXIT_INTERRUPTED } from './exit-codes.ts'
import { processIo } from './io.ts'
import { buildProgram } from './program.ts'

const ARGUMENT_HINT = say(
  'Write it in UTF-8. U+FFFD itself goes through `-` (stdin), or into a value as JSON: \'"\\ufffd"\'.',
)

/**
 * Runs one command line and gives its exit code; it never throws and never ends the process itself. `doors` are the
 * long-lived programs, which this one does not know.
 */
export async function runCli(argv: readonly string[], doors: Doors, io = processIo()): Promise<number> {
  let exitCode = 0
  // `help publish` is said in the parser's words, because each command learns its options only when it is called.
  const words = argv[0] === 'help' ? [...argv.slice(argv[1] === 'help' ? 2 : 1), '--help'] : argv
  try {
    for (const word of words) requireWhole(word, say('each argument'), ARGUMENT_HINT)
    if (words[0] === 'complete') return await (await import('./commands/complete.ts')).complete(words.slice(1), io)
    const program = buildProgram(commands(doors), io, code => {
      exitCode = code
    })
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (io.signal.aborted) return EXIT_INTERRUPTED
    return printError(error, words.includes('--json'), io)
  }
}
