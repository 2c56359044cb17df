import type { Command } from 'commander'
import { commands } from '../../../src/transports/cli/commands.ts'
import { ioOf } from '../../../src/transports/cli/io.ts'
import { buildProgram } from '../../../src/transports/cli/program.ts'

const never = () => Promise.reject(new Error('expected no program to start'))
const print = { write: () => undefined }
const signal = new AbortController().signal
const io = ioOf({ env: {}, cwd: '/', stdout: print, stderr: print, stdin: never, signal })

export const specs = commands({ hub: never, mcp: never })

/** The parser with the arguments and options of all commands. */
export const program = buildProgram(specs, io, () => {}, true)

/** All commands but groups, each with the words that it is called by. */
export function leavesOf(
  parent: Command,
  path: readonly string[] = [],
): { words: readonly string[]; command: Command }[] {
  return parent.commands.flatMap(command => {
    const words = [...path, command.name()]
    return command.commands.length > 0 ? leavesOf(command, words) : [{ words, command }]
  })
}
