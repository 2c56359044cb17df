import { Said } from '../../../bus/say.ts'
import { catalog } from '../../../operations/catalog.ts'
import { PROGRAM } from '../usage.ts'
import type { Look } from './look.ts'
import { inRows } from './rows.ts'

/**
 * A text of the bus in the words of a shell. Its texts name operations, fields and commands in backticks, as a program
 * writes them (`named` in bus/say.ts); here an operation is a command, a field is an option, and a command begins as
 * `program` does: as the person has typed it. What others wrote stays. All that a command prints for a person comes here.
 */
export function spoken(text: Said, program: string): Said {
  return Said.trusted(text.text.replace(OF_OTHERS_OR_NAMED, inShell(program)))
}

/** The same as rows of where it is printed. */
export function asPrinted(text: Said, program: string, look: Pick<Look, 'columns'>): Said {
  return inRows(spoken(text, program), look)
}

/** In quotation marks, or behind two blanks: further in, or at the end of a line of ours. */
const OF_OTHERS_OR_NAMED = /"[^"\n]*"| {2}.*|`([^`\n]+)`/g

/** The same of what describes an operation to models: its names stand there without backticks. */
export function spokenInHelp(description: string, program: string): string {
  return description.replace(/[a-z_]+/g, word => (word.includes('_') ? typed(word, program) : word))
}

function inShell(program: string) {
  return (whole: string, name?: string): string => (name === undefined ? whole : `\`${typed(name, program)}\``)
}

/** What programs ask by themselves is nothing that a person types. */
const typable = catalog.filter(({ toolset }) => toolset !== 'hooks')

function typed(name: string, program: string): string {
  if (name === PROGRAM || name.startsWith(`${PROGRAM} `)) return program + name.slice(PROGRAM.length)
  const entry = typable.find(each => each.name === name)
  if (entry !== undefined) return `${program} ${commandOf(entry)}`
  const isField = typable.some(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, name))
  return isField ? `--${name.replaceAll('_', '-')}` : name
}

/** One word is what people know it by; of several names the first that is not made of the operation's. */
function commandOf({ name, command }: (typeof catalog)[number]): string {
  return name.includes('_') ? (command.aliases?.[0] ?? name.replaceAll('_', '-')) : name
}
