import { BLANKS, type ShellCommand, type ShellNode, WordReader } from './shell-words.ts'

/**
 * Reads a shell line into its commands, once and from left to right, as "Token Recognition" of the POSIX shell says
 * (IEEE 1003.1, 2.3), with what bash adds: quoted text, comments and here-documents are text; `$(…)`, backticks and
 * `<(…)` are commands, also inside double quotes and here-documents. Nothing is run and nothing expanded.
 *
 * Of libraries, `shell-quote` reads line by line, knows no here-documents and took 3 s for 65 kB; those that know bash's
 * whole grammar are native code, WebAssembly or half a megabyte.
 */
export function readShell(line: string, home?: string): { nodes: ShellNode[]; isWhole: boolean } {
  const reader = new ShellReader(line, home)
  const nodes = reader.list()
  return { nodes, isWhole: reader.isWhole }
}

/** Words that may stand before a command, and leave it one. */
export const RESERVED = new Set('if elif while until then do else { ! coproc'.split(' '))

interface HereDocument {
  readonly command: ShellCommand
  readonly end: string
  readonly isQuoted: boolean
  readonly stripsTabs: boolean
}

/** The longest first. */
const OPERATORS = [';;&', ';;', ';&', '&&', '||', '|&', ';', '&', '|']
const REDIRECTIONS = ['&>>', '&>', '<<<', '<<-', '<<', '<&', '<>', '<(', '<', '>>', '>&', '>|', '>(', '>']

class ShellReader extends WordReader {
  /** Their bodies begin with the next line. */
  #hereDocuments: HereDocument[] = []

  protected readerOf(text: string, depth: number): WordReader {
    return new ShellReader(text, this.home, depth)
  }

  list(end?: ')', isArithmetic = false): ShellNode[] {
    return this.within(() => this.#list(end, isArithmetic), [])
  }

  #list(end: ')' | undefined, isArithmetic: boolean): ShellNode[] {
    const list = new List()
    for (;;) {
      this.#skipBlanks()
      const char = this.text[this.at]
      if (char === undefined || (char === ')' && end !== undefined && !list.isInPattern)) {
        this.at++
        return list.ended()
      }
      if (char === '#') this.at = this.#endOfLine()
      else if ('\n()'.includes(char)) this.#separator(char, list, isArithmetic)
      else if (!this.#operator(char, list, isArithmetic)) list.word(this.word(list.command))
    }
  }

  #separator(char: string, list: List, isArithmetic: boolean): void {
    this.at++
    if (char === '\n') {
      this.#readHereDocuments()
      list.end()
    } else if (char === ')') list.closed()
    else if (list.opened(this.text[this.at])) {
      list.add({ kind: 'subshell', body: this.list(')', isArithmetic || this.text[this.at] === '(') })
    }
  }

  /** Whether one stands here; then it is passed over. */
  #operator(char: string, list: List, isArithmetic: boolean): boolean {
    const redirection = '<>&'.includes(char) ? this.#startsWith(REDIRECTIONS) : undefined
    const operator = redirection ?? (';&|'.includes(char) ? this.#startsWith(OPERATORS) : undefined)
    if (operator === undefined) return false
    this.at += operator.length
    if (redirection === undefined) list.end(operator)
    else this.#redirect(list.command, redirection, isArithmetic)
    return true
  }

  #skipBlanks(): void {
    for (; ; this.at++) {
      const char = this.text[this.at] ?? ''
      if (char === '\\' && this.text[this.at + 1] === '\n') this.at++
      else if (char === '' || char === '\n' || !BLANKS.includes(char)) return
    }
  }

  #startsWith(tokens: readonly string[]): string | undefined {
    return tokens.find(token => this.text.startsWith(token, this.at))
  }

  #endOfLine(): number {
    const found = this.text.indexOf('\n', this.at)
    return found < 0 ? this.text.length : found
  }

  #redirect(command: ShellCommand, redirection: string, isArithmetic: boolean): void {
    const before = this.text[this.at - redirection.length - 1] ?? ''
    // The number of a file descriptor stands right before it.
    if (/\d/.test(before) && /^\d+$/.test(command.words.at(-1) ?? '')) command.words.pop()
    if (redirection === '<(' || redirection === '>(') command.inner.push(this.list(')'))
    else if (!isArithmetic) {
      this.#skipBlanks()
      const start = this.at
      const target = this.word(command)
      const isQuoted = /["'\\]/.test(this.text.slice(start, this.at))
      if (redirection === '<<<') command.input = target
      if (redirection !== '<<' && redirection !== '<<-') return
      this.#hereDocuments.push({ command, end: target, isQuoted, stripsTabs: redirection === '<<-' })
    }
  }

  #readHereDocuments(): void {
    const waiting = this.#hereDocuments
    this.#hereDocuments = []
    for (const { command, end, isQuoted, stripsTabs } of waiting) {
      const lines: string[] = []
      while (this.at < this.text.length) {
        const next = this.#endOfLine()
        const line = this.text.slice(this.at, next)
        this.at = next + 1
        const stripped = stripsTabs ? line.replace(/^\t+/, '') : line
        if (stripped === end) break
        lines.push(stripped)
      }
      const body = lines.join('\n')
      command.input = isQuoted ? body : this.apart(body, reader => reader.expanded(command))
    }
  }
}

/** The commands of one list as they are read. */
class List {
  command = newCommand()
  readonly #nodes: ShellNode[] = []
  /** Where each `case` that is open stands. */
  readonly #cases: ('pattern' | 'body')[] = []
  #isPiped = false

  /** In `case … in PATTERN) … ;; PATTERN) … esac` a parenthesis and a bar belong to the pattern. */
  get isInPattern(): boolean {
    return this.#cases.at(-1) === 'pattern'
  }

  word(word: string): void {
    const { words } = this.command
    words.push(word)
    if (word === 'esac' && words.length === 1) {
      this.#cases.pop()
      words.pop()
    } else if (word === 'in' && words.at(-3) === 'case' && !this.isInPattern && isPrefix(words, words.length - 3)) {
      this.end()
      this.#cases.push('pattern')
    }
  }

  add(node: ShellNode): void {
    this.#nodes.push(node)
  }

  /** The command ends with this operator, or with a line. */
  end(operator = ''): void {
    if (this.isInPattern) return
    const { words, inner, input } = this.command
    const isEmpty = words.length === 0 && inner.length === 0 && input === undefined
    const isApart = this.#isPiped || ['|', '|&', '&'].includes(operator)
    if (!isEmpty) this.add(Object.assign(this.command, { isApart }))
    // A pipeline may go on in the next line.
    if (!isEmpty || operator !== '') this.#isPiped = operator === '|' || operator === '|&'
    this.command = newCommand()
    if (this.#cases.length > 0 && operator.startsWith(';') && operator !== ';')
      this.#cases[this.#cases.length - 1] = 'pattern'
  }

  /** Whether a `(` begins a subshell. */
  opened(next: string | undefined): boolean {
    if (this.isInPattern) return false
    // The name of a function that is defined here; its body counts as run.
    if (next === ')' && this.command.words.length === 1) this.command = newCommand()
    else this.end()
    return true
  }

  /** A `)` that ends no list: of a pattern, or one too many. */
  closed(): void {
    if (!this.isInPattern) {
      this.end()
      return
    }
    this.#cases[this.#cases.length - 1] = 'body'
    this.command = newCommand()
  }

  ended(): ShellNode[] {
    this.#cases.length = 0
    this.end()
    return this.#nodes
  }
}

/** Whether so many words may stand before a command. */
function isPrefix(words: readonly string[], count: number): boolean {
  for (let at = 0; at < count; at++) if (!RESERVED.has(words[at]!)) return false
  return true
}

function newCommand(): ShellCommand {
  return { kind: 'command', words: [], inner: [], input: undefined, isApart: false }
}
