import type { Command, CommanderError } from 'commander'
import { BusError } from '../../bus/errors.ts'

export const PROGRAM = 'switchboard'

export function examplesText(examples: readonly string[] = []): string {
  if (examples.length === 0) return ''
  return ['', 'Examples:', ...examples.map(example => `  ${PROGRAM} ${example}`)].join('\n')
}

/** What the parser objects to, as an error of the registry. */
export function usageError(error: CommanderError, command: Command): BusError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const near = /Did you mean (?:one of )?(.+)\?/.exec(suggestion ?? '')?.[1]
  const path = pathOf(command)
  const see = `See \`${[PROGRAM, ...path].join(' ')} --help\`.`
  const next = error.code === 'commander.excessArguments' ? `${tooMany(command)} ${see}` : see
  return new BusError('invalid_input', [path.join(' '), message].filter(part => part !== '').join(': '), {
    next: near === undefined ? next : `Did you mean ${near}? ${see}`,
  })
}

function tooMany(command: Command): string {
  return command.registeredArguments.length === 0 ? 'It takes options only.' : 'Quote a text of several words.'
}

/** `['token', 'create']` */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()]
}
