import type { Command } from 'commander'
import { BusError } from '../../../bus/errors.ts'
import { joined, type Said, say } from '../../../bus/say.ts'
import { isSeen } from '../../../bus/visible.ts'
import { pathOf, seeHelpOf } from '../usage.ts'

/**
 * Refuses words in which nothing is seen: most come from a shell's variable that is not set. Taken for "none given",
 * such a word would mean everything, or the default. `emptiable`: options to which an empty text says something; blanks do not.
 */
export function refuseBlanks(command: Command, emptiable: readonly string[]): void {
  const { registeredArguments: known } = command
  for (const [at, word] of command.args.entries()) {
    if (isBlank(word)) throw blank(command, say`<${known[Math.min(at, known.length - 1)]?.name() ?? 'argument'}>`, word)
  }
  for (const [attribute, value] of Object.entries(command.optsWithGlobals())) {
    const word = [value].flat().find(each => isBlank(each) && !(each === '' && emptiable.includes(attribute)))
    if (word === undefined) continue
    const option = command.options.find(each => each.attributeName() === attribute)
    throw blank(command, say`${option?.long ?? `--${attribute}`} ${say('with a value')}`, word)
  }
}

function isBlank(word: unknown): word is string {
  return typeof word === 'string' && !isSeen(word)
}

function blank(command: Command, expected: Said, word: string): BusError {
  const path = joined(' ', pathOf(command))
  return new BusError(
    'invalid_input',
    say`${path}: expected ${expected}, got ${say(word === '' ? 'none' : 'blanks only')}`,
    {
      next: say`A shell's variable that is not set gives such a word. ${seeHelpOf(command)}`,
    },
  )
}
