import type { Command, CommanderError } from 'commander'
import { BusError } from '../../bus/errors.ts'
import { joined, named, retold, Said, say } from '../../bus/say.ts'

export const PROGRAM = 'switchboard'

/** At the end of a command's help. */
export function addExamples(command: Command, examples: readonly string[] = []): void {
  if (examples.length === 0) return
  const program = programOf(command)
  command.addHelpText('after', ['', 'Examples:', ...examples.map(each => `  ${program} ${each}`)].join('\n'))
}

/** How the program is called from here: the parser bears that as its name. */
export function programOf(command: Command): string {
  return command.parent === null ? command.name() : programOf(command.parent)
}

/** What the parser objects to, as an error of the registry. */
export function usageError(error: CommanderError, command: Command): BusError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const near = /Did you mean (?:one of )?(.+)\?/.exec(suggestion ?? '')?.[1]
  const path = pathOf(command)
  const see = seeHelpOf(command)
  const next = error.code === 'commander.excessArguments' ? say`${tooMany(command)} ${see}` : see
  // It names an option of ours, with its `<n>`, and nothing that was typed.
  const what = error.code === 'commander.optionMissingArgument' ? Said.trusted(message) : retold(message)
  return new BusError('invalid_input', path.length === 0 ? what : say`${joined(' ', path)}: ${what}`, {
    next: near === undefined ? next : say`Did you mean ${retold(near)}? ${see}`,
  })
}

export function seeHelpOf(command: Command): Said {
  return say`See ${named([PROGRAM, ...pathOf(command), '--help'].join(' '))}.`
}

function tooMany(command: Command): Said {
  return say(command.registeredArguments.length === 0 ? 'It takes options only.' : 'Quote a text of several words.')
}

/** `['token', 'create']` */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()]
}
