import { defined } from './defined.ts'
import { LIMITS } from './limits.ts'
import { folderFrom } from './place.ts'
import { printedBy } from './shell-prints.ts'
import { RESERVED, readShell } from './shell-reader.ts'
import { POSITIONAL, type ReadOptions, type ShellCommand, type ShellNode, UNKNOWN } from './shell-words.ts'
import { unwrapped } from './shell-wrappers.ts'

/** One command of a shell line. */
export interface FoundCommand {
  readonly words: readonly string[]
  /** What the line sets for this command: `GIT_DIR=x git …`, or `export GIT_DIR=x` before it. */
  readonly variables: GitVariables
  /** The folder it runs in; undefined where only the shell could tell. */
  readonly folder: string | undefined
}

/** The variables that say which worktree git acts in. */
interface GitVariables {
  readonly GIT_DIR?: string
  readonly GIT_WORK_TREE?: string
}

export interface ShellStart {
  readonly cwd?: string | undefined
  readonly home?: string | undefined
}

/**
 * The commands of a shell line, also behind programs that run others (`sudo`, `sh -c`, `xargs` …), each with the folder
 * that `cd`, `pushd` and `popd` before it lead to. Not seen is what is not in the line (scripts, aliases, functions of
 * elsewhere), what another machine runs, and whether a `cd` fails. `isWhole`: false where it is nested too deep to be
 * read to its end.
 */
export function shellCommands(line: string, start: ShellStart = {}): { commands: FoundCommand[]; isWhole: boolean } {
  const walked = (areApostrophesPaired: boolean) => {
    const walk = new Walk({ home: start.home, areApostrophesPaired }, line.length)
    walk.line(line, new Shell(start.cwd && folderFrom(undefined, start.cwd), start.home))
    return walk
  }
  const one = walked(false)
  if (!one.isAmbiguous) return one
  // Which shell it is for, the line does not say.
  const other = walked(true)
  return { commands: [...one.commands, ...other.commands], isWhole: one.isWhole && other.isWhole }
}

/** How often all that is written may be read again, in lines within lines. */
const TIMES_READ = 6
/** How many `$PWD` a short line may have at least, however long that is. */
const FOLDERS_NAMED = 16
/** Lines within lines (`sh -c "sh -c …"`): each is read again for the next. */
const MAX_LINES_DEEP = 5

class Walk {
  readonly commands: FoundCommand[] = []
  isWhole = true
  isAmbiguous = false
  readonly #options: ReadOptions
  #linesDeep = 0
  /** Functions of the line that leave the shell in another folder, and which. */
  readonly #functions = new Map<string, string | undefined>()

  /** Characters that may still be read: what a line makes of itself is not to multiply. */
  #charsLeft: number

  constructor(options: ReadOptions, chars: number) {
    this.#options = options
    this.#charsLeft = TIMES_READ * chars + FOLDERS_NAMED * LIMITS.pathChars
  }

  /** Gives what the line prints, as far as that is known. */
  line(text: string, shell: Shell, given?: string): string {
    let printed = ''
    if (!this.#spend(text.length)) return printed
    this.#deeper(() => {
      const { nodes, isWhole, isAmbiguous } = readShell(text, this.#options)
      this.isWhole &&= isWhole
      this.isAmbiguous ||= isAmbiguous
      printed = this.#nodes(nodes, shell, given)
    })
    return printed
  }

  #spend(chars: number): boolean {
    this.#charsLeft -= chars
    if (this.#charsLeft < 0) this.isWhole = false
    return this.#charsLeft >= 0
  }

  #deeper(run: () => void): void {
    if (this.#linesDeep === MAX_LINES_DEEP) {
      this.isWhole = false
      return
    }
    this.#linesDeep++
    run()
    this.#linesDeep--
  }

  #nodes(nodes: readonly ShellNode[], shell: Shell, given: string | undefined): string {
    let before = ''
    let last = ''
    for (const node of nodes) {
      // What is left is asked about.
      if (this.#charsLeft < 0) return ''
      const isPiped = node.kind === 'subshell' && node.isPiped
      const input = isPiped ? last : given
      if (!isPiped) before = this.#within(before + last)
      if (node.kind === 'function') {
        // Its body counts as run, but moves only the shell that calls it.
        const own = shell.copy()
        this.#nodes(node.body, own, undefined)
        if (own.folder !== shell.folder) this.#functions.set(node.name, own.folder)
        continue
      }
      last = node.kind === 'subshell' ? this.#nodes(node.body, shell.copy(), input) : this.#simple(node, shell, input)
    }
    return this.#within(before + last)
  }

  #within(printed: string): string {
    if (printed.length <= 2 * LIMITS.textChars) return printed
    this.isWhole = false
    return ''
  }

  #simple({ words, inner, input }: ShellCommand, shell: Shell, given: string | undefined): string {
    for (const each of inner) this.#nodes(each, shell.copy(), undefined)
    const own = input === undefined ? given : this.#placed([input], shell).join(' ')
    return this.#command(this.#placed(words, shell), own, shell)
  }

  /** Parameters that the shell itself sets, in their places. */
  #placed(words: readonly string[], shell: Shell): readonly string[] {
    const { positional } = shell
    if (!words.some(word => word.includes(POSITIONAL))) return words
    return words.flatMap(word => {
      // Putting them together is work, too.
      if (this.#charsLeft < 0) return []
      if (positional !== undefined && ALL_PLACES.has(word)) {
        const all = positional.slice(1)
        return this.#spend(all.join(' ').length) ? all : []
      }
      return word.replaceAll(PLACE, (_, name: string) => {
        if (this.#charsLeft < 0) return UNKNOWN
        const value = /[@*]/.test(name) ? positional?.slice(1).join(' ') : shell.parameter(name)
        return value !== undefined && this.#spend(value.length) ? value : UNKNOWN
      })
    })
  }

  #command(words: readonly string[], input: string | undefined, shell: Shell): string {
    let { folder, exported: variables } = shell
    for (let at = 0; ; ) {
      ;({ at, variables } = afterPrefix(words, at, variables))
      if (at >= words.length) return ''
      const found = unwrapped(words, at)
      if (found === undefined) {
        this.#program(words.slice(at), variables, folder, shell)
        return printedBy(words.slice(at), input)
      }
      if (found.kind === 'nothing') return ''
      if (found.kind === 'input') return input === undefined ? '' : this.line(input, shell.copy(folder))
      if (found.kind === 'line') {
        const own = found.isCurrent ? shell : shell.copy(folder)
        if (found.positional !== undefined) own.positional = found.positional
        return this.line(found.line, own, input)
      }
      at = found.at
      if (found.folder !== undefined) folder = folderFrom(folder, found.folder)
    }
  }

  #program(words: readonly string[], variables: GitVariables, folder: string | undefined, shell: Shell): void {
    if (this.#functions.has(words[0]!)) shell.go(this.#functions.get(words[0]!))
    if (shell.changes(words)) return
    if (words[0]!.split('/').at(-1) === 'find') this.#deeper(() => this.#find(words, shell))
    this.commands.push({ words, variables, folder })
  }

  /** `find … -exec COMMAND {} ;` */
  #find(words: readonly string[], shell: Shell): void {
    for (let at = 1; at < words.length; at++) {
      if (!/^-(exec|ok)(dir)?$/.test(words[at]!)) continue
      const start = at + 1
      while (at + 1 < words.length && words[at + 1] !== ';' && words[at + 1] !== '+') at++
      const command = words.slice(start, at + 1).map(word => word.replaceAll('{}', UNKNOWN))
      this.#command(command, undefined, shell.copy())
    }
  }
}

/** Also `a[0]=`, whose bracket was read as a pattern's, and `a+=`. */
const ASSIGNMENT = new RegExp(`^([A-Za-z_]\\w*)(?:${UNKNOWN}[^\\]=]*\\])?\\+?=(.*)$`, 's')

const ALL_PLACES = new Set(['@', '*'].map(name => UNKNOWN + POSITIONAL + name))
const PLACE = new RegExp(`${UNKNOWN}${POSITIONAL}([\\d@*+-])`, 'g')

/** Past reserved words and what is set for the command, which is noted where it is for git. */
function afterPrefix(
  words: readonly string[],
  from: number,
  before: GitVariables,
): { at: number; variables: GitVariables } {
  let variables = before
  let at = from
  for (; at < words.length; at++) {
    const [, name, value] = ASSIGNMENT.exec(words[at]!) ?? []
    if (name === 'GIT_DIR' || name === 'GIT_WORK_TREE') variables = { ...variables, [name]: value }
    else if (words[at] === 'function') at++
    // A variable may hold nothing, or what runs the rest: `$SUDO git …`.
    else if (name === undefined && !RESERVED.has(words[at]!) && words[at] !== UNKNOWN) break
  }
  return { at, variables }
}

function without({ GIT_DIR, GIT_WORK_TREE }: GitVariables, name: string): GitVariables {
  return defined({
    GIT_DIR: name === 'GIT_DIR' ? undefined : GIT_DIR,
    GIT_WORK_TREE: name === 'GIT_WORK_TREE' ? undefined : GIT_WORK_TREE,
  })
}

/** A list that copies share: a line may make many of both. */
interface Pushed {
  readonly folder: string | undefined
  readonly below: Pushed | undefined
}

/** What a shell knows that commands after this one depend on. */
class Shell {
  folder: string | undefined
  exported: GitVariables = {}
  /** `$0`, `$1` …, where the line itself gives them. */
  positional: readonly string[] | undefined
  readonly #home: string | undefined
  #previous: string | undefined
  #pushed: Pushed | undefined

  constructor(folder: string | undefined, home: string | undefined) {
    this.folder = folder
    this.#home = home
  }

  copy(folder = this.folder): Shell {
    const copy = new Shell(folder, this.#home)
    copy.#previous = this.#previous
    copy.#pushed = this.#pushed
    copy.exported = this.exported
    copy.positional = this.positional
    return copy
  }

  /** Whether this command changes the shell itself; then it is done. */
  changes([name, ...rest]: readonly string[]): boolean {
    const to = rest.find(word => !/^-[A-Za-z@-]/.test(word))
    if (name === 'cd') this.go(to === '-' ? this.#previous : this.#resolved(to ?? this.#home ?? UNKNOWN))
    else if (name === 'pushd' || name === 'popd') this.#turn(name, to, rest.includes('-n'))
    else if (name === 'export' || (/^(declare|typeset)$/.test(name!) && rest.some(word => /^-\w*x/.test(word)))) {
      for (const word of rest) this.exported = afterPrefix([word], 0, this.exported).variables
    } else if (name === 'unset') {
      for (const word of rest) this.exported = without(this.exported, word)
    } else if (name === 'set' && rest.includes('--')) {
      this.positional = ['', ...rest.slice(rest.indexOf('--') + 1)]
    } else return false
    return true
  }

  /** `$0`, `$1` …, and `+` and `-` for `$PWD` and `$OLDPWD`. */
  parameter(name: string): string | undefined {
    if (name === '+') return this.folder
    return name === '-' ? this.#previous : this.positional?.[Number(name)]
  }

  #resolved(to: string): string | undefined {
    return folderFrom(this.folder, to)
  }

  /** `pushd` without a folder changes places with the one on top; `-n` goes nowhere. */
  #turn(name: 'pushd' | 'popd', to: string | undefined, stays: boolean): void {
    const [top, below] = [this.#pushed?.folder, this.#pushed?.below]
    if (stays) this.#pushed = undefined
    else if (name === 'popd') {
      this.#pushed = below
      this.go(top)
    } else {
      this.#pushed = { folder: this.folder, below: to === undefined ? below : this.#pushed }
      this.go(to === undefined ? top : /^[+-]/.test(to) ? undefined : this.#resolved(to))
    }
  }

  go(folder: string | undefined): void {
    this.#previous = this.folder
    this.folder = folder
  }
}
