import { Command, type Help } from 'commander'
import { BusError } from '../../bus/errors.ts'
import { nearest } from '../../bus/names.ts'
import { joined, named, quoted, retold, Said, say } from '../../bus/say.ts'
import { VERSION } from '../../version.ts'
import type { CommandSpec, GlobalOptions } from './command.ts'
import { environmentText, exitCodesText } from './help-text.ts'
import type { Io } from './io.ts'
import { refuseBlanks } from './parse/blanks.ts'
import { seconds } from './parse/numbers.ts'
import { addExamples, PROGRAM, pathOf, usageError } from './usage.ts'

const GROUPS: Readonly<Record<string, { title: string; examples: readonly string[] }>> = {
  token: {
    title: 'The same as create-token, list-tokens, narrow-token and revoke-token',
    examples: ['token create ci', 'token list', 'token narrow ci --scopes publish', 'token revoke ci'],
  },
  state: {
    title: 'The same as set-state, get-state, list-state and delete-state',
    examples: ['state set plan \'["step 1"]\'', 'state get plan', 'state list', 'state delete plan'],
  },
}

/** The parser with every command. Each command gets its arguments and options only when it runs, or when `isWhole`. */
export function buildProgram(
  specs: readonly CommandSpec[],
  io: Io,
  done: (exitCode: number) => void,
  isWhole = false,
): Command {
  const program = withGlobalOptions(withManners(new Command(io.program()), io))
    .description('The session bus for coding agents: sessions see each other, talk, share state, claim files.')
    .usage('[options] <command>')
    // An unknown command is named before the options that would have been its own.
    .allowUnknownOption()
    .allowExcessArguments()
    .option('-v, --version', 'print the version')
    .addHelpText('after', () => `\n${environmentText()}\n\n${exitCodesText()}`)
    .action(() => withoutCommand(program, specs, io))
  refuseHelpFor(program, got => noSuchCommand(got, specs))
  const fillers = new Map<Command, () => void>()
  for (const spec of specs) {
    const parent = spec.words.length === 1 ? program : groupOf(program, spec, io)
    const command = withManners(parent.command(spec.words.at(-1)!, { hidden: spec.isHidden ?? false }), io)
      .summary(spec.title)
      .description(spec.title)
      .aliases([...(spec.aliases ?? [])])
      .helpGroup(spec.group)
      .allowExcessArguments(false)
      .action(async () => {
        refuseBlanks(command, spec.emptiable?.() ?? [])
        const invocation = { io, global: globalOptions(command), options: command.opts(), args: command.args }
        done(await spec.action(invocation).catch(error => Promise.reject(ofCommand(error, command))))
      })
    const fill = () => {
      spec.fill(command)
      withGlobalOptions(command)
    }
    if (isWhole) fill()
    else fillers.set(command, fill)
  }
  for (const parent of [program, ...program.commands.filter(command => command.commands.length > 0)]) {
    parent.hook('preSubcommand', (_, command) => fillers.get(command)?.())
  }
  return program
}

/** A command may ask several questions: what refuses one of them refuses the command, which is what was typed. */
function ofCommand(error: unknown, command: Command): unknown {
  if (!(error instanceof BusError) || error.code !== 'forbidden' || !NEEDS_SCOPE.test(error.message)) return error
  const message = error.message.replace(
    NEEDS_SCOPE,
    named([PROGRAM, ...pathOf(command).slice(0, -1), typedNameOf(command)].join(' ')).text,
  )
  // The hub has put the rest of it together.
  return new BusError('forbidden', Said.trusted(message), {
    next: 'Use a credential with that scope: `switchboard token create --help`.',
    cause: error,
  })
}

/** One of its names. */
function typedNameOf(command: Command): string {
  const [word = ''] = command.parent?.args ?? []
  return command.aliases().includes(word) ? word : command.name()
}

/** Of an operation, or of a path of the hub's. */
const NEEDS_SCOPE = /^(?:`[a-z_]+`|\/v1\/\S+)(?= needs the scope )/

/** What all have in common: their look, and errors that are thrown, not printed. */
function withManners(command: Command, io: Io): Command {
  return command
    .configureOutput({ writeOut: text => io.out.line(Said.trusted(text.trimEnd())), writeErr: () => {} })
    .configureHelp({
      subcommandTerm: withAllNames,
      ...(io.out.look.columns === undefined ? {} : { helpWidth: io.out.look.columns }),
    })
    .exitOverride(error => {
      throw error.exitCode === 0 ? error : usageError(error, command)
    })
    .helpCommand(false)
    .enablePositionalOptions()
}

const withAllNames: Help['subcommandTerm'] = command => [command.name(), ...command.aliases()].join(', ')

/** Taken after a command's own options, so that these come first in its help. */
function withGlobalOptions(command: Command): Command {
  return command
    .optionsGroup('Global options:')
    .option('--json', 'print JSON; errors as {"error": …} on stderr')
    .option('--url <url>', 'the hub: unix:/path or http://host:port')
    .option('--timeout <seconds>', 'how long to wait for the hub')
    .helpOption('-h, --help', 'show this help')
}

function groupOf(program: Command, spec: CommandSpec, io: Io): Command {
  const [word] = spec.words as [string]
  const present = program.commands.find(command => command.name() === word)
  if (present) return present
  const group: Command = withGlobalOptions(withManners(program.command(word), io))
    .summary(GROUPS[word]?.title ?? '')
    .description(GROUPS[word]?.title ?? '')
    .helpGroup(spec.group)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw noSuchMember(group, group.args[0])
    })
  addExamples(group, GROUPS[word]?.examples)
  refuseHelpFor(group, got => noSuchMember(group, got))
  return group
}

function noSuchMember(group: Command, got: string | undefined): BusError {
  const known = group.commands.map(command => command.name())
  return unknownCommand(got, known, `one of ${known.join(', ')}`, [group.name()])
}

function withoutCommand(program: Command, specs: readonly CommandSpec[], io: Io): void {
  const [got] = program.args
  if (program.opts().version === true) {
    io.out.line(say`${VERSION}`)
  } else if (got === undefined) {
    program.outputHelp()
  } else {
    throw noSuchCommand(got, specs)
  }
}

function noSuchCommand(got: string, specs: readonly CommandSpec[]): BusError {
  const known = specs.flatMap(spec => (spec.isHidden ? [] : [spec.words.join(' '), ...(spec.aliases ?? [])]))
  return unknownCommand(got, known, 'a command', [])
}

/** For an unknown command the parser would print the help of its parent. */
function refuseHelpFor(command: Command, unknown: (got: string) => BusError): void {
  command.addHelpText('before', () => {
    const got = command.args.find(word => !word.startsWith('-'))
    if (got !== undefined) throw unknown(got)
    return ''
  })
}

function unknownCommand(
  got: string | undefined,
  known: readonly string[],
  expected: string,
  path: readonly string[],
): BusError {
  const what = got === undefined ? say('none') : got.startsWith('-') ? say`the unknown option ${got}` : quoted(got)
  const near = got === undefined ? [] : meant(got, known)
  const hint = near.length === 0 ? say('') : say`Did you mean ${near.map(each => retold(each))}? `
  return new BusError('invalid_input', joined(': ', [...path, say`expected ${retold(expected)}, got ${what}`]), {
    next: say`${hint}See ${named([PROGRAM, ...path, '--help'].join(' '))}.`,
  })
}

const GLOBAL_FLAGS = ['--version', '-v', '--help', '-h', '--json', '--url', '--timeout']

/** A word that differs from an option in its dashes or its case alone (`version`, `-V`) means that option. */
function meant(got: string, known: readonly string[]): readonly string[] {
  const bare = (word: string) => word.replace(/^-+/, '').toLowerCase()
  const same = [...known, ...GLOBAL_FLAGS].filter(word => bare(word) === bare(got))
  if (same.length > 0) return same.slice(0, 1)
  if (!got.startsWith('-')) return nearest(got, known)
  const isLong = (flag: string) => flag.startsWith('--')
  return nearest(
    got,
    GLOBAL_FLAGS.filter(flag => isLong(flag) === isLong(got)),
    1,
  )
}

function globalOptions(command: Command): GlobalOptions {
  const { json, url, timeout } = command.optsWithGlobals()
  return {
    isJson: json === true,
    ...(typeof url === 'string' ? { url } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: Math.ceil(seconds(String(timeout), '--timeout') * 1000) }),
  }
}
