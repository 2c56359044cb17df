/** Stands in a word for what only the shell could tell: a variable, what a command prints, what a pattern matches. */
export const UNKNOWN = '\0'

/**
 * Behind `UNKNOWN`, with the character that follows: a positional parameter, which `sh -c LINE NAME WORD …` tells, or `+`
 * and `-` for the folder the shell is in and the one before, as in `~+`.
 */
export const POSITIONAL = '\uE000'

export type ShellNode =
  | ShellCommand
  /** `isPiped`: it reads what the node before it prints. */
  | { readonly kind: 'subshell'; readonly body: readonly ShellNode[]; readonly isPiped: boolean }
  /** A function as it is defined. */
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly ShellNode[] }

export interface ShellCommand {
  readonly kind: 'command'
  readonly words: string[]
  /** What stands in command substitutions of its words and redirections: run first, each in a shell of its own. */
  readonly inner: ShellNode[][]
  /** What a here-document or here-string gives it to read. */
  input: string | undefined
}

export interface ReadOptions {
  readonly home?: string | undefined
  /**
   * In `"${x:-don't}"` an apostrophe is a character to POSIX, zsh and `bash --posix`. To bash otherwise a brace or a quote
   * between two of them is text, as if they quoted.
   */
  readonly areApostrophesPaired?: boolean
}

export const BLANKS = ' \t\r\n'

/** Nobody writes this; a line of nothing but `$(` would overflow the stack. */
const MAX_DEPTH = 50
/** What is read by itself is read once more, and may hold such a part again: that is not to multiply. */
const OWN_TEXT_DEPTH = 10

/** Reads words: what is quoted in them, and what is to be put in their place ("Quoting" and "Word Expansions", 2.2 and 2.6). */
export abstract class WordReader {
  /** False once something was nested too deep, so that there is more than what was read. */
  isWhole = true
  /** There were apostrophes that shells read in two ways. */
  isAmbiguous = false
  protected readonly text: string
  protected at = 0
  protected readonly options: ReadOptions
  #depth: number

  constructor(text: string, options: ReadOptions, depth = 0) {
    this.text = text
    this.options = options
    this.#depth = depth
  }

  /** The commands up to the `)` that ends them, which is passed over, or up to the end of the text. */
  abstract list(end?: ')', isArithmetic?: boolean): ShellNode[]

  protected abstract readerOf(text: string, depth: number): WordReader

  /** Past the depth that anybody reads to, all that is left is passed over. */
  protected within<T>(read: () => T, otherwise: T): T {
    if (this.#depth === MAX_DEPTH) {
      this.isWhole = false
      this.at = this.text.length
      return otherwise
    }
    this.#depth++
    const result = read()
    this.#depth--
    return result
  }

  /** Text that is read by itself. */
  protected apart<T>(text: string, read: (reader: WordReader) => T): T {
    const reader = this.readerOf(text, Math.min(MAX_DEPTH, this.#depth + OWN_TEXT_DEPTH))
    const result = read(reader)
    this.isWhole &&= reader.isWhole
    this.isAmbiguous ||= reader.isAmbiguous
    return result
  }

  /** Up to a blank or an operator that is not quoted. */
  protected word(command: ShellCommand): string {
    const start = this.at
    let word = ''
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined || BLANKS.includes(char) || ';&|<>)'.includes(char)) return word
      if (char === '(' && !/^\w+\+?=$/.test(word)) return word
      const isFirst = this.at++ === start
      word += this.#part(char, isFirst, command)
    }
  }

  #part(char: string, isFirst: boolean, command: ShellCommand): string {
    const next = this.text[this.at] ?? ' '
    switch (char) {
      case '\\':
        return this.#escaped()
      case "'":
        return this.#upTo("'")
      case '"':
        return this.#doubleQuoted(command, '"')
      case '$':
        return this.#dollar(command, false)
      case '`':
        return this.#backticks(command)
      case '(':
        return this.#array(command)
      case '~':
        return isFirst ? this.#tilde(next) : char
      case '[':
        return this.#isTestWord(isFirst) ? char : UNKNOWN
      case '{':
        return BLANKS.includes(next) || next === '}' ? char : UNKNOWN
      case '*':
        return `${UNKNOWN}*`
      case '?':
        return UNKNOWN
      default:
        return char
    }
  }

  /** Whether this bracket is of `[` or `[[`, which are commands. */
  #isTestWord(isFirst: boolean): boolean {
    const word = /\[{1,2}(?=[ \t\r\n])/y
    word.lastIndex = isFirst ? this.at - 1 : this.at - 2
    return word.test(this.text) && word.lastIndex >= this.at
  }

  /** What is quoted with `"`, or the body of a here-document. */
  expanded(command: ShellCommand): string {
    return this.#doubleQuoted(command, undefined)
  }

  #escaped(): string {
    const char = this.text[this.at++] ?? ''
    return char === '\n' ? '' : char
  }

  #upTo(end: string): string {
    const start = this.at
    const found = this.text.indexOf(end, start)
    const until = found < 0 ? this.text.length : found
    this.at = until + 1
    return this.text.slice(start, until)
  }

  #doubleQuoted(command: ShellCommand, end: '"' | undefined): string {
    let text = ''
    for (;;) {
      const char = this.text[this.at++]
      if (char === undefined || char === end) return text
      if (char === '$') text += this.#dollar(command, true)
      else if (char === '`') text += this.#backticks(command)
      else if (char === '\\' && /[$`"\\\n]/.test(this.text[this.at] ?? '')) text += this.#escaped()
      else text += char
    }
  }

  #dollar(command: ShellCommand, isQuoted: boolean): string {
    const next = this.text[this.at] ?? ''
    if (/[A-Za-z_]/.test(next)) {
      const start = this.at
      while (/\w/.test(this.text[this.at] ?? '')) this.at++
      return this.#variable(this.text.slice(start, this.at))
    }
    if (!isQuoted && (next === "'" || next === '"')) {
      this.at++
      return next === '"' ? this.#doubleQuoted(command, '"') : this.#ansiQuoted()
    }
    if (next === '' || !'({0123456789@*#?$!-['.includes(next)) return '$'
    this.at++
    if (next === '{') return this.within(() => this.#parameter(command, isQuoted), UNKNOWN)
    // `$((…))` is arithmetic, and two lists to us; `<<` shifts there.
    if (next === '(') command.inner.push(this.list(')', this.text[this.at] === '('))
    return this.#variable(next)
  }

  #variable(name: string): string {
    const place = { PWD: '+', OLDPWD: '-' }[name] ?? name
    if (/^[\d@*]$/.test(name) || place !== name) return UNKNOWN + POSITIONAL + place
    return name === 'HOME' ? (this.options.home ?? UNKNOWN) : UNKNOWN
  }

  /** `${…}`: whatever stands inside is text, but for what it substitutes. */
  #parameter(command: ShellCommand, isQuoted: boolean): string {
    const start = this.at
    this.#pass(/[!#]?(?:\w+|[@*#?$!-])?/y)
    if (this.#pass(/\[/y)) this.#parameterText(command, ']', false)
    // Of a default in double quotes an apostrophe is a character; of a pattern it quotes there too.
    const isDefault = this.#pass(/:?[-=?+]/y)
    this.#parameterText(command, '}', isQuoted && isDefault)
    return this.#variable(this.text.slice(start, this.at - 1))
  }

  #parameterText(command: ShellCommand, end: string, isQuoted: boolean): void {
    let isPaired = false
    for (;;) {
      const char = this.text[this.at++]
      if (char === undefined || (char === end && !isPaired)) return
      if (char === '\\') this.at++
      else if (char === '$') this.#dollar(command, isQuoted)
      else if (char === '`') this.#backticks(command)
      else if (char === '"' && !isPaired) this.#doubleQuoted(command, '"')
      else if (char === "'" && isQuoted) {
        this.isAmbiguous = true
        isPaired = !isPaired && this.options.areApostrophesPaired === true
      } else if (char === "'") this.#upTo("'")
      else if ('<>'.includes(char) && this.text[this.at] === '(' && !isQuoted) {
        this.at++
        command.inner.push(this.list(')'))
      }
    }
  }

  /** Whether there is some of it here; then it is passed over. */
  #pass(sticky: RegExp): boolean {
    sticky.lastIndex = this.at
    const length = sticky.exec(this.text)?.[0].length ?? 0
    this.at += length
    return length > 0
  }

  /** Between backticks a backslash takes the meaning from a backtick, a dollar sign and itself. */
  #backticks(command: ShellCommand): string {
    let text = ''
    for (;;) {
      const char = this.text[this.at++]
      if (char === undefined || char === '`') break
      if (char === '\\' && /[`$\\]/.test(this.text[this.at] ?? '')) text += this.text[this.at++]
      else text += char
    }
    command.inner.push(this.apart(text, reader => reader.list()))
    return UNKNOWN
  }

  /** `name=(…)`: its words are no commands, but what they substitute is. */
  #array(command: ShellCommand): string {
    for (const node of this.list(')')) if (node.kind === 'command') command.inner.push(...node.inner)
    return UNKNOWN
  }

  #tilde(next: string): string {
    if ((next === '+' || next === '-') && /[\s/;&|<>)]|^$/.test(this.text[this.at + 1] ?? '')) {
      this.at++
      return UNKNOWN + POSITIONAL + next
    }
    return BLANKS.includes(next) || '/;&|<>)'.includes(next) ? (this.options.home ?? UNKNOWN) : UNKNOWN
  }

  /** `$'…'`, with the escapes of C. */
  #ansiQuoted(): string {
    let text = ''
    for (;;) {
      const char = this.text[this.at++]
      if (char === undefined || char === "'") return text
      text += char === '\\' ? this.#ansiEscape() : char
    }
  }

  #ansiEscape(): string {
    const rest = this.text.slice(this.at, this.at + 9)
    const [written = '', octal, hex = octal] =
      /^(?:([0-7]{1,3})|x([\da-f]{1,2})|u([\da-f]{1,4})|U([\da-f]{1,8}))/i.exec(rest) ?? []
    if (written === '') {
      const char = this.text[this.at++] ?? ''
      return ANSI_ESCAPES[char] ?? char
    }
    this.at += written.length
    const code = octal === undefined ? Number.parseInt(written.slice(1), 16) : Number.parseInt(hex ?? '', 8)
    return String.fromCodePoint(Math.min(code, 0x10ffff))
  }
}

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
}
