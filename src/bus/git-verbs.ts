import { folderFrom } from './place.ts'
import { type ShellCommand, type ShellStart, shellCommands } from './shell-commands.ts'

/**
 * Which git commands in a shell line move ground that every session in the same worktree stands on: the branch, the
 * index, the files. A seat belt, not a wall: `shell-commands.ts` says what it does not see.
 */
const SHARED = new Set([
  'checkout',
  'switch',
  'stash',
  'reset',
  'rebase',
  'clean',
  'merge',
  'pull',
  'restore',
  'cherry-pick',
])

/** Options of git itself that take the next word. */
const WITH_VALUE = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path', '--config-env'])

export interface SharedGitVerb {
  /** As a person would say it: `git stash`, `git add -A`. */
  readonly verb: string
  /** The folder that it acts in; undefined where only the shell could tell. */
  readonly folder: string | undefined
}

export function sharedGitVerbs(shellLine: string, start: ShellStart = {}): SharedGitVerb[] {
  const found = shellCommands(shellLine, start).flatMap(command => sharedVerb(command, start.home) ?? [])
  return [...new Map(found.map(each => [JSON.stringify([each.verb, each.folder]), each])).values()]
}

function sharedVerb(command: ShellCommand, home: string | undefined): SharedGitVerb | undefined {
  const { words } = command
  if (words[0]?.split('/').at(-1) !== 'git') return undefined
  let { folder } = command
  let { GIT_DIR: gitDir, GIT_WORK_TREE: workTree } = command.variables
  let at = 1
  for (; words[at]?.startsWith('-'); at++) {
    const [, option, joined] = /^(--[\w-]+)=(.*)$/s.exec(words[at]!) ?? [undefined, words[at]!]
    const value = joined ?? (WITH_VALUE.has(option!) ? words[++at] : undefined)
    if (value === undefined) continue
    if (option === '-C') folder = folderFrom(folder, value, home)
    else if (option === '--work-tree') workTree = value
    else if (option === '--git-dir') gitDir = value
  }
  const verb = sharedVerbOf(words.slice(at))
  if (verb === undefined) return undefined
  if (workTree !== undefined) return { verb, folder: folderFrom(folder, workTree, home) }
  // The branch and the index are those beside it; which files move, only git could tell.
  if (gitDir !== undefined) folder = folderFrom(folder, gitDir, home)?.replace(/(.)\/\.git$/, '$1')
  return { verb, folder }
}

function sharedVerbOf([verb, ...rest]: readonly string[]): string | undefined {
  if (verb === undefined) return undefined
  if (verb === 'add')
    return rest.some(word => ['-A', '--all', '.', ':/'].includes(word)) ? `git add ${rest[0]}` : undefined
  if (verb === 'commit') return rest.some(isCommitAll) ? 'git commit -a' : undefined
  if (verb === 'stash') return rest[0] === 'list' || rest[0] === 'show' ? undefined : 'git stash'
  return SHARED.has(verb) ? `git ${verb}` : undefined
}

/** `-a`, `--all`, and `a` among joined short options, before one that takes a value. */
function isCommitAll(word: string): boolean {
  return word === '--all' || /^-[^-mFCct]*a/.test(word)
}
