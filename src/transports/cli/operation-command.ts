import { type Command, Option } from 'commander'
import { BusError } from '../../bus/errors.ts'
import { named, retold, type Said, say } from '../../bus/say.ts'
import { type CatalogEntry, catalog } from '../../operations/catalog.ts'
import type { CommandSpec, Invocation } from './command.ts'
import { type Field, fieldsOf } from './parse/fields.ts'
import { fieldValue, type Sources, type Typed } from './parse/values.ts'
import { spokenInHelp } from './render/spoken.ts'
import { addExamples, PROGRAM, programOf } from './usage.ts'
import { PATH_HELP } from './whereabouts.ts'

export const GROUPS = { talk: 'Talk:', state: 'Shared state:', claims: 'Claims:', admin: 'Administration:' } as const

/** A command for every operation that people use, and one for each of its names of two words. */
export function operationCommands(): CommandSpec[] {
  return catalog.flatMap(entry => {
    if (entry.toolset === 'hooks') return []
    // What session processes ask by themselves is no command.
    const group = groupOf(entry)
    if (group === undefined) return []
    const aliases = entry.command.aliases ?? []
    const inGroups = aliases.filter(alias => alias.includes(' '))
    const spec = (words: string[], more: Partial<CommandSpec>): CommandSpec => ({
      words,
      title: entry.title,
      group,
      fill: command => fillCommand(command, entry),
      emptiable: () => fieldsOf(entry).flatMap(field => (field.isEmptiable ? attributeOf(field) : [])),
      action: async invocation => {
        const { runOperation } = await import('./run-operation.ts')
        // What they say of a value is so once it is stored: of one that was refused they would be wrong.
        const notes: Said[] = []
        const io = { ...invocation.io, note: (text: Said) => void notes.push(text) }
        const input = await inputOf(entry, { ...invocation, io }, words.join(' '))
        const code = await runOperation(entry, input, invocation)
        for (const note of notes) invocation.io.note(note)
        return code
      },
      ...more,
    })
    return [
      spec([entry.name.replaceAll('_', '-')], { aliases: aliases.filter(alias => !alias.includes(' ')) }),
      ...inGroups.map(alias => spec(alias.split(' '), {})),
    ]
  })
}

function groupOf({ toolset }: CatalogEntry): string | undefined {
  return (GROUPS as Readonly<Record<string, string>>)[toolset]
}

function fillCommand(command: Command, entry: CatalogEntry): void {
  const fields = fieldsOf(entry)
  const bare = positionalsOf(entry, fields)
  const program = programOf(command)
  command.description(spokenInHelp(entry.description, program))
  for (const { field, takesRest } of bare) {
    const argument = command.createArgument(`[${field.flag}${takesRest ? '...' : ''}]`, hintOf(field, program))
    if (field.choices !== undefined) argument.argChoices = [...field.choices]
    command.addArgument(argument)
  }
  // The parser takes each as optional, because each can be written as an option too.
  command.usage(['[options]', ...bare.map(termOf)].join(' '))
  for (const field of fields) {
    const isBare = bare.some(each => each.field === field)
    // What programs fill in, and what is easier written bare, works but needs no line in the help.
    command.addOption(optionOf(field, program).hideHelp(isBare || field.kind === 'object'))
  }
  if (entry.takesPath) command.addHelpText('after', `\n${PATH_HELP}`)
  addExamples(command, entry.command.examples)
}

function termOf({ field, takesRest }: Positional): string {
  const name = `${field.flag}${takesRest ? '...' : ''}`
  return field.isRequired ? `<${name}>` : `[${name}]`
}

function optionOf(field: Field, program: string): Option {
  const flags = field.kind === 'flag' ? `--${field.flag}` : `--${field.flag} <${placeholderOf(field)}>`
  const option = new Option(flags, hintOf(field, program))
  if (field.kind === 'list') option.argParser((word: string, before: string[] = []) => [...before, word])
  // Set, not by choices(): a wrong value is refused in our own words.
  if (field.choices !== undefined) option.argChoices = [...field.choices]
  return option
}

function attributeOf(field: Field): string {
  return new Option(`--${field.flag}`).attributeName()
}

function placeholderOf(field: Field): string {
  if (field.kind === 'list') return `${field.name.replace(/s$/, '')},...`
  if (field.kind === 'json' || field.kind === 'object') return 'json'
  if (field.kind !== 'number') return 'text'
  return /_(seconds|minutes|days)$/.exec(field.name)?.[1] ?? 'n'
}

const readsStdin = (field: Field) => field.kind === 'json' || field.isLong

function hintOf(field: Field, program: string): string {
  const how =
    field.kind === 'json' ? 'JSON, or plain text; - reads stdin, @file a file' : field.isLong ? '- reads stdin' : ''
  return [spokenInHelp(field.description, program), how].filter(part => part !== '').join('; ')
}

interface Positional {
  readonly field: Field
  readonly takesRest: boolean
}

function positionalsOf(entry: CatalogEntry, fields: readonly Field[]): Positional[] {
  return (entry.command.positionals ?? []).map(positional => {
    const name = positional.replace(/\.\.\.$/, '')
    return { field: fields.find(field => field.name === name)!, takesRest: positional !== name }
  })
}

/** The operation's input from what was typed; exported for tests. */
export async function inputOf(
  entry: CatalogEntry,
  typed: Pick<Invocation, 'args' | 'options'> & { io: Sources },
  command = entry.name.replaceAll('_', '-'),
): Promise<Record<string, unknown>> {
  const fields = fieldsOf(entry)
  const bare = positionalsOf(entry, fields)
  const input: Record<string, unknown> = {}
  for (const field of fields) {
    const at = bare.findIndex(each => each.field === field)
    const option = typed.options[attributeOf(field)] as Typed | undefined
    const word = at < 0 ? undefined : bareWord(typed.args, at, bare[at]!.takesRest, field)
    if (word !== undefined && option !== undefined) {
      throw new BusError('invalid_input', say`expected ${field.flag} once, got it bare and as --${field.flag}`)
    }
    const given = word ?? option
    if (given !== undefined) {
      input[field.name] = await fieldValue(
        field,
        given,
        word === undefined ? say`--${field.flag}` : say`<${field.flag}>`,
        typed.io,
      )
    } else if (field.isRequired) {
      throw missing(entry, field, at >= 0, command)
    }
  }
  return input
}

function bareWord(args: readonly string[], at: number, takesRest: boolean, field: Field): Typed | undefined {
  if (!takesRest) return args[at]
  const rest = args.slice(at)
  if (rest.length === 0) return undefined
  return field.kind === 'list' ? rest : rest.join(' ')
}

function missing(entry: CatalogEntry, field: Field, isBare: boolean, command: string): BusError {
  const label = isBare ? say`<${field.flag}>` : say`--${field.flag}`
  const [example] = entry.command.examples ?? []
  const how = example === undefined ? say('See `--help`.') : say`For example: ${named(`${PROGRAM} ${example}`)}`
  return new BusError('invalid_input', say`${retold(command)}: expected ${label}, got none`, {
    next: readsStdin(field) ? say`${how} (- in its place reads stdin)` : how,
  })
}
