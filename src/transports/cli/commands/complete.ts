import tab, { type Command as Completable, type OptionHandler } from '@bomb.sh/tab'
import tabCommander from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { BusError } from '../../../bus/errors.ts'
import { retold, say } from '../../../bus/say.ts'
import { onOneLine } from '../../../bus/visible.ts'
import { commands } from '../commands.ts'
import type { Io } from '../io.ts'
import { buildProgram } from '../program.ts'
import { type Suggestion, type Suggestions, valuesNeeded } from './complete-values.ts'

const NO_DOORS = { hub: async () => 0, mcp: () => Promise.reject(new Error('not here')) }

/** Answers the completion script: `complete -- publish hi --to ""`. Prints candidates, one per line, never an error. */
export async function complete(argv: readonly string[], io: Io): Promise<number> {
  const typed = argv[0] === '--' ? argv.slice(1) : argv
  const program = buildProgram(commands(NO_DOORS), io, () => {}, true)
  tabCommander(program)
  describeShortly(program)
  addAliases(program)
  const values = await valuesNeeded(typed, io)
  for (const command of [tab, ...tab.commands.values()]) addValues(command, values)
  try {
    tab.parse([...typed])
    return 0
  } catch (error) {
    throw new BusError('internal', say`completion: ${retold((error as Error).message)}`, { cause: error })
  }
}

/** A shell has one line for each, so it shows what the list in `--help` says; the adapter takes the whole description. */
function describeShortly(parent: Command, path: readonly string[] = []): void {
  for (const command of parent.commands) {
    const words = [...path, command.name()]
    const known = tab.commands.get(words.join(' '))
    if (known !== undefined) known.description = command.summary()
    describeShortly(command, words)
  }
}

/** The adapter knows the first name of a command only. */
function addAliases(program: Command): void {
  for (const command of program.commands) {
    const first = tab.commands.get(command.name())
    for (const alias of command.aliases()) {
      const same = tab.command(alias, command.summary())
      same.options = first?.options ?? same.options
      same.arguments = first?.arguments ?? same.arguments
    }
  }
  // Its own commands: people use `completion`, scripts `complete`.
  tab.commands.delete('complete')
}

/**
 * A shell offers what it also inserts, so that must be just what is shown; and what begins with a dash would be read as
 * an option, however it is quoted.
 */
function canBeOffered(value: string): boolean {
  return value !== '' && onOneLine(value) === value && !value.startsWith('-')
}

/** Which bus values an option or argument takes, by its name. */
const VALUES_OF: Readonly<Record<string, keyof Suggestions>> = {
  to: 'recipients',
  channel: 'recipients',
  from: 'sessions',
  session: 'sessions',
  key: 'keys',
  prefix: 'keys',
  topics: 'topics',
}

function addValues(command: Completable, values: Suggestions): void {
  const handler =
    (all: readonly Suggestion[]): OptionHandler =>
    add => {
      for (const { value, about } of all) if (canBeOffered(value)) add(value, onOneLine(about))
    }
  for (const [name, option] of command.options) {
    const kind = VALUES_OF[name]
    // `publish --key` names a retry, not an entry.
    if (kind !== undefined && !(name === 'key' && option.isBoolean)) {
      option.handler = handler(values[kind])
      option.isBoolean = false
    }
  }
  for (const [name, argument] of command.arguments) {
    const kind = VALUES_OF[name.replace(/\.\.\.$/, '')]
    if (kind !== undefined) argument.handler = handler(values[kind]) as unknown as NonNullable<typeof argument.handler>
  }
}
