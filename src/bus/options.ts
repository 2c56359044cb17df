type Option = readonly [name: string, value?: string]

/** An argument list, taken apart as `getopt_long` does. */
export interface Options {
  /** In order: `-x` or `--name`, with its value where it takes one. */
  readonly options: readonly Option[]
  /** Where what is no option begins; `operands` holds it all where options may follow. */
  readonly at: number
  readonly operands: readonly string[]
}

export interface OptionRules {
  /** Take the next word, or what is joined to them. */
  readonly taking: ReadonlySet<string>
  /** Take what is joined to them. */
  readonly joining?: ReadonlySet<string>
  /** Options may stand behind operands; otherwise the first operand ends them. */
  readonly mayFollowOperands?: boolean
}

/** Reads options from this word on; `--` ends them. */
export function readOptions(words: readonly string[], from: number, rules: OptionRules): Options {
  const { mayFollowOperands = false } = rules
  const options: Option[] = []
  const operands: string[] = []
  let at = from
  for (; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') {
      at++
      break
    }
    if (/^[-+]/.test(word)) {
      const last = word.startsWith('--') ? readLong(word, options) : readLetters(word, options, rules)
      if (last !== undefined && rules.taking.has(last)) options.push([last, words[++at] ?? ''])
      else if (last !== undefined) options.push([last])
    } else if (mayFollowOperands) operands.push(word)
    else break
  }
  return { options, at, operands: mayFollowOperands ? [...operands, ...words.slice(at)] : operands }
}

/** `--name=value`; gives the name where no value is joined to it. */
function readLong(word: string, options: Option[]): string | undefined {
  const [, name, value] = /^(--[^=]*)=(.*)$/s.exec(word) ?? []
  if (name === undefined) return word
  options.push([name, value!])
  return undefined
}

/** `-abc`; gives the last letter where no value is joined to it. */
function readLetters(word: string, options: Option[], { taking, joining }: OptionRules): string | undefined {
  for (let i = 1; i < word.length - 1; i++) {
    const letter = `${word[0]}${word[i]}`
    if (taking.has(letter) || joining?.has(letter)) {
      options.push([letter, word.slice(i + 1)])
      return undefined
    }
    options.push([letter])
  }
  return word.length === 1 ? undefined : `${word[0]}${word.at(-1)}`
}

const sets = new Map<string, ReadonlySet<string>>()

/** Of names that a table has in one text, with blanks between. */
export function setOf(names = ''): ReadonlySet<string> {
  const found = sets.get(names) ?? new Set(names.split(' '))
  sets.set(names, found)
  return found
}
