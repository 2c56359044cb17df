import { parse } from 'shell-quote'

/**
 * Which git commands in a shell line move ground that every session in the same worktree stands on: the branch, the
 * index, the files. It reads the line as a shell would split it and misses what hides deeper (scripts, aliases,
 * `eval`): a seat belt, not a wall.
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

/** Words that run the word after them. */
const PREFIXES = new Set(['sudo', 'env', 'command', 'nohup', 'time', 'exec', 'then', 'do', 'else', '{', '!'])

/** The verbs found, as a person would say them: `git stash`, `git add -A`. */
export function sharedGitVerbs(shellLine: string): string[] {
  return [...new Set(commandsOf(shellLine).flatMap(words => verbOf(words) ?? []))]
}

function commandsOf(shellLine: string): string[][] {
  const commands: string[][] = [[]]
  for (const line of shellLine.split('\n')) {
    for (const token of parse(line, name => `$${name}`)) {
      if (typeof token === 'string') commands.at(-1)!.push(token)
      else if ('pattern' in token) commands.at(-1)!.push(token.pattern)
      else if ('op' in token && !token.op.startsWith('>') && !token.op.startsWith('<')) commands.push([])
    }
    commands.push([])
  }
  return commands
}

function verbOf(words: readonly string[]): string | undefined {
  let at = 0
  while (at < words.length && (PREFIXES.has(words[at]!) || /^\w+=/.test(words[at]!))) at++
  if (words[at]?.split('/').at(-1) !== 'git') return undefined
  at++
  while (words[at]?.startsWith('-')) at += WITH_VALUE.has(words[at]!) ? 2 : 1
  const verb = words[at]
  const rest = words.slice(at + 1)
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
