import { BLANKS, type ReadOptions, type ShellCommand, type ShellNode, UNKNOWN, WordReader } from './shell-words.ts'

/**
 * Reads a shell line into its commands, once and from left to right, as "Token Recognition" of the POSIX shell says
 * (IEEE 1003.1, 2.3), with what bash adds: quoted text, comments and here-documents are text; `$(…)`, backticks and
 * `<(…)` are commands, also inside double quotes and here-documents. Nothing is run and nothing expanded.
 *
 * Of libraries, `shell-quote` reads line by line, knows no here-documents and took 3 s for 65 kB; those that know bash's
 * whole grammar are native code, WebAssembly or half a megabyte.
 */
export function readShell(line: string, options: ReadOptions): ReadLine {
  const reader = new ShellReader(line, options)
  const nodes = reader.list()
  return { nodes, isWhole: reader.isWhole, isAmbiguous: reader.isAmbiguous }
}

interface ReadLine extends Pick<WordReader, 'isWhole' | 'isAmbiguous'> {
  readonly nodes: ShellNode[]
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
    return new ShellReader(text, this.options, depth)
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
      if (list.depth > MAX_COMPOUNDS) {
        this.isWhole = false
        this.at = this.text.length
      } else if (char === '#') this.at = this.#endOfLine()
      else if (list.isInTest && '\n()&|<>'.includes(char)) this.#testOperator(char, list)
      else if ('\n()'.includes(char)) this.#separator(char, list, isArithmetic)
      else if (!this.#operator(char, list, isArithmetic)) list.word(this.word(list.command))
    }
  }

  /** In `[[ … ]]` parentheses, bars and the like belong to the test. */
  #testOperator(char: string, list: List): void {
    this.at++
    if (!'<>'.includes(char) || this.text[this.at] !== '(') return
    this.at++
    list.command.inner.push(this.list(')'))
  }

  #separator(char: string, list: List, isArithmetic: boolean): void {
    this.at++
    if (char === '\n') {
      this.#readHereDocuments()
      list.end()
    } else if (char === ')') list.closed()
    else if (list.opened(this.text[this.at])) {
      list.add({ kind: 'subshell', isPiped: false, body: this.list(')', isArithmetic || this.text[this.at] === '(') })
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
    const last = command.words.at(-1) ?? ''
    if (/\d/.test(before) && /^\d+$/.test(last)) command.words.pop()
    // `{name}>file` puts it into a variable.
    else if (before === '}' && /^\w+\}$/.test(last.replace(UNKNOWN, ''))) command.words.pop()
    if (redirection === '<(' || redirection === '>(') command.inner.push(this.list(')'))
    else if (!isArithmetic) {
      this.#skipBlanks()
      if (redirection === '<<' || redirection === '<<-') {
        this.#hereDocuments.push({ command, ...this.#delimiter(), stripsTabs: redirection === '<<-' })
        return
      }
      const target = this.word(command)
      if (redirection === '<<<') command.input = target
    }
  }

  /** It stands for itself: only its quotes go, and nothing is put in the place of a `$`. */
  #delimiter(): Pick<HereDocument, 'end' | 'isQuoted'> {
    const start = this.at
    this.word(newCommand())
    const written = this.text.slice(start, this.at).replaceAll('\\\n', '')
    const end = written.replace(
      QUOTED,
      (_, escaped?: string, single?: string, double?: string) =>
        escaped ?? single ?? double!.replace(/\\([$`"\\])/g, '$1'),
    )
    return { end, isQuoted: end !== written }
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

const QUOTED = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/g

/** Words that begin a compound command, and the word that ends it. */
const COMPOUNDS: Readonly<Record<string, string>> = {
  '{': '}',
  if: 'fi',
  while: 'done',
  until: 'done',
  for: 'done',
  select: 'done',
  case: 'esac',
}

/** Nobody writes this; what walks them would overflow the stack. */
const MAX_COMPOUNDS = 50

/** Where in a list the and-or list and the pipeline's element began that are read. */
interface Begun {
  readonly andOr: number
  readonly element: number
  readonly isPiped: boolean
}

interface Compound {
  readonly opener: string
  closer: string
  /** In `case … in PATTERN) … ;; PATTERN) … esac` a parenthesis and a bar belong to the pattern. */
  part: 'head' | 'pattern' | 'body'
  /** The first node in it. */
  readonly start: number
  readonly around: Begun
  /** Of the function that it is the body of. */
  readonly functionName: string | undefined
}

/** The commands of one list as they are read. */
class List {
  command = newCommand()
  /** In `[[ … ]]`. */
  isInTest = false
  readonly #nodes: ShellNode[] = []
  /** Those that are open here. */
  readonly #compounds: Compound[] = []
  #begun: Begun = { andOr: 0, element: 0, isPiped: false }
  /** The function that is defined here, until its body begins. */
  #functionName: string | undefined
  /** The next word may be a reserved one. */
  #isAtStart = true

  get isInPattern(): boolean {
    return this.#compounds.at(-1)?.part === 'pattern'
  }

  get depth(): number {
    return this.#compounds.length
  }

  word(word: string): void {
    const { words } = this.command
    const compound = this.#compounds.at(-1)
    if (words.length === 0 && compound?.closer === word) {
      const { functionName: name, start } = compound
      if (name !== undefined) this.add({ kind: 'function', name, body: this.#nodes.splice(start) })
      this.#begun = compound.around
      this.#compounds.pop()
      this.#isAtStart = false
      return
    }
    words.push(word)
    if (word === 'in' && words.at(-3) === 'case' && compound?.part === 'head') {
      this.end()
      compound.part = 'pattern'
    } else if (this.#isAtStart && !this.isInPattern) {
      this.#first(word, compound)
      // `coproc NAME { … }`
      if (words[0] === 'coproc' && words.length === 2 && !RESERVED.has(word)) this.#isAtStart = true
      else if (words[0] === 'coproc' && words.length === 3 && Object.hasOwn(COMPOUNDS, word)) words.splice(1, 1)
    } else if (word === ']]') this.isInTest = false
    else if (words.length === 2 && words[0] === 'function') {
      this.#functionName = word
      this.#isAtStart = true
    }
  }

  /** A word where a command may begin. */
  #first(word: string, compound: Compound | undefined): void {
    this.isInTest = word === '[['
    this.#isAtStart = RESERVED.has(word)
    if (!this.#isAtStart) this.#functionName = undefined
    const isLoopHead = compound?.closer === 'done' && compound.part === 'head'
    if (word === 'do' && isLoopHead) compound.part = 'body'
    // `for ((…)) { … }`
    else if (word === '{' && isLoopHead && /^(for|select)$/.test(compound.opener)) compound.closer = '}'
    else if (Object.hasOwn(COMPOUNDS, word)) {
      const { length } = this.#nodes
      const functionName = this.#functionName
      this.#functionName = undefined
      this.#compounds.push({
        opener: word,
        closer: COMPOUNDS[word]!,
        part: 'head',
        start: length,
        around: this.#begun,
        functionName,
      })
      this.#begun = { andOr: length, element: length, isPiped: false }
    }
  }

  add(node: ShellNode): void {
    this.#nodes.push(node)
  }

  /** The command ends with this operator, or with a line. */
  end(operator = ''): void {
    if (this.isInPattern) return
    const { words, inner, input } = this.command
    if (words.length > 0 || inner.length > 0 || input !== undefined) this.add(this.command)
    this.#nextCommand()
    const { andOr, element, isPiped } = this.#begun
    const pipes = operator === '|' || operator === '|&'
    // A pipeline and an and-or list may go on in the next line.
    if (this.#nodes.length === element && operator === '') return
    const first = this.#nodes[element]
    const isCoprocess = first?.kind === 'command' && first.words[0] === 'coproc'
    if (isPiped || pipes || isCoprocess) this.#setApart(element, isPiped)
    if (operator === '&') this.#setApart(andOr, false)
    const { length } = this.#nodes
    const goesOn = pipes || operator === '&&' || operator === '||'
    this.#begun = { andOr: goesOn ? andOr : length, element: length, isPiped: pipes }
    const compound = this.#compounds.at(-1)
    if (compound?.closer === 'esac' && operator.startsWith(';') && operator !== ';') compound.part = 'pattern'
  }

  /** What stands from there on runs in a shell of its own: in the background, or beside others in a pipeline. */
  #setApart(from: number, isPiped: boolean): void {
    if (from < this.#nodes.length) this.add({ kind: 'subshell', isPiped, body: this.#nodes.splice(from) })
  }

  #nextCommand(): void {
    this.command = newCommand()
    this.#isAtStart = true
    this.isInTest = false
  }

  /** Whether a `(` begins a subshell. */
  opened(next: string | undefined): boolean {
    if (this.isInPattern) return false
    // The name of a function that is defined here; its body counts as run.
    if (next === ')' && this.command.words.length === 1) {
      this.#functionName = this.command.words[0]
      this.#nextCommand()
    } else this.end()
    return true
  }

  /** A `)` that ends no list: of a pattern, or one too many. */
  closed(): void {
    if (!this.isInPattern) {
      this.end()
      return
    }
    this.#compounds.at(-1)!.part = 'body'
    this.#nextCommand()
  }

  ended(): ShellNode[] {
    this.#compounds.length = 0
    this.end()
    return this.#nodes
  }
}

function newCommand(): ShellCommand {
  return { kind: 'command', words: [], inner: [], input: undefined }
}
