import { shortened } from './cut.ts'
import { onOneLine, visible, visibleJson } from './visible.ts'

/**
 * Text for a model or a person. What others chose (names, notes, paths, keys …) is quoted wherever it stands in such a
 * text, so that nobody's words pass for ours:
 *
 *     say`${claim.path} is claimed by ${holder.name}`
 *
 * Each value is on one line, without what a reader does not see, without `<`, cut to a length, and stands in quotation
 * marks unless it is a single plain word. Places that show text take a `Said`, so one that was put together without
 * `say` does not compile.
 */
export class Said {
  readonly text: string

  private constructor(text: string) {
    this.text = text
  }

  /** For text that is safe as it is. Each call says why. */
  static trusted(text: string): Said {
    return new Said(text)
  }

  toString(): string {
    return this.text
  }
}

/** Words written out in the source: nothing in them comes from anybody else. */
export type Fixed<T extends string> = T & (Record<never, never> extends Record<T, unknown> ? never : T)

/** What a place that shows text takes: words of ours, or what `say` has put together. */
export type Words<T extends string> = Said | Fixed<T>

/** What may stand in a text: values of others, which are quoted, and text of ours, which stays. A list has commas. */
export type Value = string | number | boolean | Said | readonly (string | number | Said)[]

export function say<const T extends string>(words: Fixed<T>): Said
export function say(words: TemplateStringsArray, ...values: readonly Value[]): Said
export function say(words: string | TemplateStringsArray, ...values: readonly Value[]): Said {
  if (typeof words === 'string') return Said.trusted(words)
  return Said.trusted(words.reduce((text, part, i) => text + inText(values[i - 1]!) + part))
}

/** What one value is shown with at the most. Long enough for a path that somebody has to find. */
const VALUE_CHARS = 300
const LIST_ITEMS = 50

function inText(value: Value): string {
  if (typeof value === 'string') return word(value)
  return typeof value !== 'object' || value instanceof Said ? String(value) : joined(', ', value).text
}

/** A list with something else than commas between its items. */
export function joined<const T extends string>(between: Fixed<T>, items: readonly Value[]): Said {
  const rest = items.length - LIST_ITEMS
  const shown = items.slice(0, LIST_ITEMS).map(inText)
  return Said.trusted((rest > 0 ? [...shown, `and ${rest} more`] : shown).join(between))
}

/**
 * A name of ours that can be typed: of an operation, a field, a command. It stands in backticks, as it does where it is
 * written out in a text, and nobody else's words ever do: so each door can say it in its own language (a shell types
 * `--reply-to` where a program writes `reply_to`; transports/cli/render/spoken.ts).
 */
export function named(name: string): Said {
  return Said.trusted(`\`${name}\``)
}

/** What others wrote as a sentence or typed by mistake: always in quotation marks. */
export function quoted(value: string, maxChars = VALUE_CHARS): Said {
  return Said.trusted(marked(shortened(onOneLine(value), maxChars)))
}

function word(value: string): string {
  const line = shortened(onOneLine(value), VALUE_CHARS)
  return line === '' || PLAIN_WORD.test(line) ? line : marked(line)
}

function marked(line: string): string {
  return `"${line.replaceAll('"', "'")}"`
}

/**
 * A name, path, glob, address or time: no blanks, no quotation marks, and a colon only where one belongs, for `SYSTEM:`
 * begins what somebody says.
 */
const PLAIN_WORD =
  /^(?:(?:repo|machine|role|topic|session|token|tmux|unix):|[a-z][a-z0-9+.-]*:\/\/|[A-Za-z]:(?=[\\/]))?(?:[\p{L}\p{M}\p{N}…\\/_.,@~+%#*?=&$!^|()[\]{}-]|(?<=\d):(?=\d))+$/u

/** What another program has said, on one line: the hub, which has quoted what others chose, or the system. */
export function retold(text: string): Said {
  return Said.trusted(shortened(onOneLine(text), RETOLD_CHARS))
}
const RETOLD_CHARS = 4_000

/** The same of a reason on several lines that one of our programs has written: each line but the first begins with two blanks. */
export function retoldLines(text: string): Said {
  const [first = '', ...more] = shortened(text, RETOLD_CHARS).split('\n')
  return lines(retold(first), more.length > 0 && indented(more.join('\n')))
}

/** One under the other; what is none is left out. */
export function lines(...parts: readonly (Said | false | undefined)[]): Said {
  return Said.trusted(parts.filter(part => part instanceof Said && part.text !== '').join('\n'))
}

/** A value as JSON, which quotes its texts by itself and loses nothing. */
export function printed(value: unknown, indent?: number): Said {
  return Said.trusted(visibleJson(value, indent))
}

/** Text of others with its line ends, each line behind two blanks: none of them can pass for a line of ours. */
export function indented(text: string | Said): Said {
  const shown = text instanceof Said ? text.text : visible(text)
  return Said.trusted(shown.replace(/^/gm, '  '))
}
