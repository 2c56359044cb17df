import { parse } from 'shell-quote'
import { folderFrom } from './place.ts'

/** One command of a shell line. */
export interface ShellCommand {
  readonly words: readonly string[]
  /** What the line sets for this command only: `GIT_DIR=x git …`. */
  readonly variables: Readonly<Record<string, string>>
  /** The folder it runs in; undefined where only the shell could tell. */
  readonly folder: string | undefined
}

export interface ShellStart {
  readonly cwd?: string | undefined
  readonly home?: string | undefined
}

/** Words that run the word after them. */
const PREFIXES = new Set('sudo env command builtin nohup time exec if elif while until then do else { !'.split(' '))

/**
 * The commands of a shell line, as the shell would split it, each with the folder that `cd`, `pushd` and `popd` before
 * it lead to. What hides deeper (scripts, aliases, `eval`) is not seen, and neither is whether a `cd` fails.
 */
export function shellCommands(line: string, start: ShellStart = {}): ShellCommand[] {
  const found: ShellCommand[] = []
  let shell = new Shell(start.cwd, start.home)
  let words: string[] = []
  const outer: { shell: Shell; words: string[] }[] = []
  const end = () => {
    const command = commandOf(words)
    words = []
    if (command.words.length > 0 && !shell.moves(command.words)) found.push({ ...command, folder: shell.folder })
  }
  const variable = (name: string) => (name === 'HOME' && start.home !== undefined ? start.home : `$${name}`)
  const operator = (op: string) => {
    if (op === '(') {
      // What `$(…)` gives is a word of the command around it, and nobody here knows which.
      if (!words.at(-1)?.endsWith('$')) end()
      outer.push({ shell, words })
      shell = shell.copy()
      words = []
      return
    }
    end()
    if (op === ')') ({ shell, words } = outer.pop() ?? { shell, words })
  }
  for (const each of line.replaceAll('\\\n', ' ').split('\n')) {
    for (const token of parse(each, variable)) {
      if (typeof token === 'string') {
        const isRestOfUnknown = token.startsWith('/') && words.at(-1)?.endsWith('$')
        if (isRestOfUnknown) words.push(words.pop() + token)
        else words.push(token)
      } else if ('pattern' in token) words.push(token.pattern)
      else if ('op' in token && !/^[<>]/.test(token.op)) operator(token.op)
    }
    if (outer.length === 0) end()
  }
  end()
  return found
}

function commandOf(words: readonly string[]): Pick<ShellCommand, 'words' | 'variables'> {
  const variables: Record<string, string> = {}
  let at = 0
  for (; at < words.length; at++) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(words[at]!) ?? []
    if (name !== undefined) variables[name] = value!
    else if (!PREFIXES.has(words[at]!)) break
  }
  return { words: words.slice(at), variables }
}

/** The folder that a shell is in, and those that it can go back to. */
class Shell {
  folder: string | undefined
  readonly #home: string | undefined
  #previous: string | undefined
  #pushed: (string | undefined)[] = []

  constructor(folder: string | undefined, home: string | undefined) {
    this.folder = folder
    this.#home = home
  }

  copy(): Shell {
    const copy = new Shell(this.folder, this.#home)
    copy.#previous = this.#previous
    copy.#pushed = [...this.#pushed]
    return copy
  }

  /** Whether this command changes the folder; then it is done. */
  moves([name, ...rest]: readonly string[]): boolean {
    const to = rest.find(word => !/^-[A-Za-z@-]/.test(word))
    if (name === 'cd') this.#go(to === '-' ? this.#previous : this.#resolved(to ?? '~'))
    else if (name === 'pushd') {
      this.#pushed.push(this.folder)
      this.#go(to === undefined || /^[+-]/.test(to) ? undefined : this.#resolved(to))
    } else if (name === 'popd') this.#go(this.#pushed.pop())
    else return false
    return true
  }

  #resolved(to: string): string | undefined {
    return folderFrom(this.folder, to, this.#home)
  }

  #go(folder: string | undefined): void {
    this.#previous = this.folder
    this.folder = folder
  }
}
