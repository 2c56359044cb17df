import { mayNameGit } from './git-named.ts'
import { type Options, readOptions, setOf } from './options.ts'
import { folderFrom } from './place.ts'
import { type FoundCommand, type ShellStart, shellCommands } from './shell-commands.ts'
import { UNKNOWN } from './shell-words.ts'

/**
 * Which git commands in a shell line move ground that every session in the same worktree stands on: the branch, the
 * index, the files. A seat belt, not a wall: `shell-commands.ts` says what it does not see.
 */
export interface SharedGitVerb {
  /** As a person would say it: `git stash`, `git add -A`. */
  readonly verb: string
  /** The folder that it acts in; undefined where only the shell could tell. */
  readonly folder: string | undefined
}

interface Rule {
  /** Options that take the next word. */
  readonly takes?: string
  /** Options with which it changes nothing. */
  readonly idle?: string
  /** First words with which it changes nothing. */
  readonly idleWords?: string
  /** First words that alone change something. */
  readonly words?: string
  /** What it is called where its options and words make it move ground; undefined where they do not. */
  readonly moves?: (found: Found) => string | undefined
}

interface Found extends Pick<Options, 'operands'> {
  readonly folder: string | undefined
  readonly has: (names: string) => boolean
}

const PICKING: Rule = { takes: '-m -X --mainline --strategy --strategy-option --cleanup' }

const ADD: Rule = {
  takes: '--chmod --pathspec-from-file',
  idle: '-n --dry-run',
  moves({ has, operands, folder }) {
    const all = ['-A', '--all', '-u', '--update'].find(has) ?? operands.find(word => isAllFiles(word, folder))
    return all && `add ${all.replaceAll(UNKNOWN, '')}`
  },
}

const RULES: Readonly<Record<string, Rule>> = {
  checkout: { takes: '-b -B --orphan --conflict --pathspec-from-file' },
  switch: { takes: '-c -C --create --force-create --orphan --conflict' },
  restore: { takes: '-s --source --conflict --pathspec-from-file' },
  reset: { takes: '--pathspec-from-file' },
  stash: { takes: '-m --message --pathspec-from-file', idleWords: 'list show create store' },
  clean: { takes: '-e --exclude', idle: '-n --dry-run' },
  rebase: { takes: '-s -X -x -C --onto --strategy --strategy-option --exec', idle: '--show-current-patch --edit-todo' },
  merge: { takes: '-m -F -s -X --file --strategy --strategy-option --cleanup --into-name' },
  pull: { takes: '-s -X -j -o --strategy --strategy-option --jobs --server-option --depth', idle: '--dry-run' },
  'cherry-pick': PICKING,
  revert: PICKING,
  am: { takes: '-C -p --directory --exclude --include --whitespace', idle: '--show-current-patch' },
  apply: {
    takes: '-p -C --directory --exclude --include --whitespace --build-fake-ancestor',
    moves: ({ has }) => (has('--check --stat --numstat --summary') && !has('--apply') ? undefined : 'apply'),
  },
  rm: { takes: '--pathspec-from-file', idle: '-n --dry-run' },
  mv: { idle: '-n --dry-run' },
  bisect: { idleWords: 'log view visualize terms help' },
  add: ADD,
  stage: ADD,
  commit: {
    takes:
      '-m -F -C -c -t --message --file --reuse-message --reedit-message --template --author --date --fixup --squash',
    idle: '--dry-run --short --porcelain --long',
    moves({ has, operands, folder }) {
      const all = operands.find(word => isAllFiles(word, folder))
      if (has('-a --all')) return 'commit -a'
      return all && `commit ${all.replaceAll(UNKNOWN, '')}`
    },
  },
  branch: {
    takes: '-u --set-upstream-to',
    moves: ({ has, operands }) => (has('-m -M --move') && operands.length < 2 ? 'branch -m' : undefined),
  },
  'checkout-index': { takes: '--prefix --stage', idle: '--prefix --temp' },
  'read-tree': { takes: '--index-output --exclude-per-directory', idle: '-n --dry-run --index-output' },
  'symbolic-ref': {
    takes: '-m',
    moves: ({ has, operands }) =>
      operands[0] === 'HEAD' && (operands.length > 1 || has('-d --delete')) ? 'symbolic-ref' : undefined,
  },
  'update-ref': { takes: '-m', moves: ({ operands }) => (operands[0] === 'HEAD' ? 'update-ref' : undefined) },
  'sparse-checkout': { idleWords: 'list check-rules' },
  worktree: { words: 'remove move' },
  submodule: { words: 'update deinit' },
  subtree: { takes: '-P -m --prefix --message', words: 'add merge pull' },
  'filter-branch': {},
  'filter-repo': { idle: '--dry-run --analyze' },
  lfs: { words: 'pull checkout migrate' },
  svn: { words: 'rebase' },
}

/** Whether this takes along what others have changed: the folder itself, one above it, or a pattern of all that is in it. */
function isAllFiles(pathspec: string, folder: string | undefined): boolean {
  const [magic = ''] = /^:(?:\([^)]*\)|[/!^]*)/.exec(pathspec) ?? []
  const path = pathspec.slice(magic.length)
  if (/[!^]|exclude/.test(magic)) return true
  const named = path.replaceAll(UNKNOWN, '')
  if (named === '' && path !== '') return false
  if (named.startsWith('/')) {
    const above = named.split('/').filter(part => part !== '')
    return folder !== undefined && `${folder}/`.startsWith(['', ...above, ''].join('/'))
  }
  return named.split('/').every(part => ['', '.', '..', '*', '**'].includes(part))
}

/** Options of git itself that take the next word, and those with which it only tells something. */
const TAKING = setOf('-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source')
const TELLING = setOf('-h --help -v --version --exec-path --html-path --man-path --info-path --list-cmds')
/** `-S` is for signatures, `-u` for untracked files: with a value only where it is joined. */
const JOINING = setOf('-S -u')

/** Aliases within aliases, and lines within them. */
const MAX_ALIASES = 5

export function sharedGitVerbs(shellLine: string, start: ShellStart = {}): SharedGitVerb[] {
  const found = verbsIn(shellLine, start, { aliases: new Map(), depth: 0 })
  return [...new Map(found.map(each => [JSON.stringify([each.verb, each.folder]), each])).values()]
}

interface Aliased {
  readonly aliases: ReadonlyMap<string, string>
  readonly depth: number
}

function verbsIn(shellLine: string, start: ShellStart, aliased: Aliased): SharedGitVerb[] {
  const { commands, isWhole } = shellCommands(shellLine, start)
  const found = commands.flatMap(command => {
    const call = gitCallOf(command, aliased.aliases)
    return call === undefined ? [] : sharedVerbs(call, start, aliased)
  })
  const unread = { verb: 'a command that is nested too deep to be read', folder: undefined }
  return isWhole || !mayNameGit(shellLine) ? found : [...found, unread]
}

/** `git` with its own options read. */
interface GitCall {
  readonly verb: string
  readonly args: readonly string[]
  readonly folder: string | undefined
  readonly gitDir: string | undefined
  readonly workTree: string | undefined
  readonly aliases: ReadonlyMap<string, string>
}

/** Undefined where it is another program, or git only tells something of itself. */
function gitCallOf({ words, folder, variables }: FoundCommand, known: Aliased['aliases']): GitCall | undefined {
  if (!/(?:^|\/)git(?:\.exe)?$/.test(words[0]!)) return undefined
  const { options, at: first } = readOptions(words, 1, { taking: TAKING })
  // A variable may hold options, or nothing.
  const at = words.findIndex((word, index) => index >= first && word !== UNKNOWN)
  if (options.some(([option, value]) => value === undefined && TELLING.has(option))) return undefined
  const last = (name: string) => options.findLast(([option]) => option === name)?.[1]
  const aliases = options.flatMap(([option, value = '']) => {
    const [, name, meaning] = (option === '-c' && /^alias\.([\w-]+)=(.*)$/is.exec(value)) || []
    return name === undefined ? [] : [[name, meaning!] as const]
  })
  return {
    verb: words[at] ?? '',
    args: at < 0 ? [] : words.slice(at + 1),
    folder: options.reduce((from, [option, value]) => (option === '-C' ? folderFrom(from, value!) : from), folder),
    gitDir: last('--git-dir') ?? variables.GIT_DIR,
    workTree: last('--work-tree') ?? variables.GIT_WORK_TREE,
    aliases: aliases.length === 0 ? known : new Map([...known, ...aliases]),
  }
}

function sharedVerbs(call: GitCall, start: ShellStart, { depth }: Aliased): SharedGitVerb[] {
  const { verb, args, folder, aliases } = call
  const alias = aliases.get(verb)
  if (alias !== undefined) {
    if (depth === MAX_ALIASES) return []
    const line = alias.startsWith('!') ? alias.slice(1) : `git ${alias} ${args.map(quoted).join(' ')}`
    return verbsIn(line, { ...start, cwd: folder }, { aliases, depth: depth + 1 })
  }
  if (verb === 'submodule' && args.includes('foreach')) {
    if (depth === MAX_ALIASES) return []
    const { options, at } = readOptions(args, args.indexOf('foreach') + 1, { taking: setOf() })
    const line = options.some(([option]) => option === '-h' || option === '--help') ? '' : args.slice(at).join(' ')
    return verbsIn(line, { ...start, cwd: folder }, { aliases: new Map(), depth: depth + 1 })
  }
  const moved = movedBy(call)
  return moved === undefined
    ? []
    : [{ verb: moved.verb, folder: moved.in ? folderFrom(folder, moved.in) : folderOf(call) }]
}

function folderOf({ folder, gitDir, workTree }: GitCall): string | undefined {
  if (workTree !== undefined) return folderFrom(folder, workTree)
  // The branch and the index are those beside it; which files move, only git could tell.
  return gitDir === undefined ? folder : folderFrom(folder, gitDir)?.replace(/(.)\/\.git$/, '$1')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function endOf(args: readonly string[]): number {
  const end = args.indexOf('--')
  return end < 0 ? args.length : end
}

/** What git does with these arguments, where it moves ground; `in`: the worktree that they name. */
function movedBy({ verb, args, folder }: GitCall): { verb: string; in?: string | undefined } | undefined {
  const rule = Object.hasOwn(RULES, verb) ? RULES[verb]! : undefined
  if (rule === undefined) return undefined
  const { options, operands } = readOptions(args, 0, {
    taking: setOf(rule.takes),
    joining: JOINING,
    mayFollowOperands: true,
  })
  const has = (names: string) => options.some(([option]) => setOf(names).has(option))
  if (has('-h --help') || (rule.idle !== undefined && has(rule.idle))) return undefined
  const [first = ''] = operands
  // Behind `--` it is a path.
  if (setOf(rule.idleWords).has(first) && first !== '' && args.indexOf(first) < endOf(args)) return undefined
  if (rule.words !== undefined) {
    if (!setOf(rule.words).has(first)) return undefined
    return { verb: `git ${verb} ${first}`, in: verb === 'worktree' ? operands[1] : undefined }
  }
  if (rule.moves === undefined) return { verb: `git ${verb}` }
  const name = rule.moves({ has, operands, folder })
  return name === undefined ? undefined : { verb: `git ${name}` }
}
