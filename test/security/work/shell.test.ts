import { afterAll, beforeAll, expect, it } from 'vitest'
import { sharedGitVerbs } from '../../../src/bus/git-verbs.ts'
import { LIMITS } from '../../../src/bus/limits.ts'
import { openMeter } from './meter.ts'

let meter: Awaited<ReturnType<typeof openMeter>>
beforeAll(async () => {
  meter = await openMeter()
})
afterAll(() => meter.close())

const repeated = (part: string) => (chars: number) => part.repeat(Math.ceil(chars / part.length)).slice(0, chars)
const around = (before: string, part: string, after: string) => (chars: number) =>
  before + repeated(part)(chars - before.length - after.length) + after

/** Lines of any length, of what a reader could read again and again. */
const LINES: Readonly<Record<string, (chars: number) => string>> = {
  'one long word': repeated('a'),
  words: repeated('a '),
  'git commands': repeated('git stash;'),
  'git commands in many folders': chars =>
    Array.from({ length: chars / 20 }, (_, n) => `git -C /w/${String(n).padStart(5, '0')} add .;`).join(''),
  'folders that grow': around('cd a;', 'cd abcdefgh;', 'git pull'),
  'folders of git that grow': around('git ', '-C abcdefgh ', 'pull'),
  'folders that are pushed': repeated('pushd /a;'),
  'folders that are pushed, and subshells': repeated('pushd a;(a);'),
  'variables and subshells': repeated('export GIT_DIR=a;(a);'),
  'other variables and subshells': chars =>
    Array.from({ length: chars / 20 }, (_, n) => `export A${String(n).padStart(6, '0')}=a;(a);`).join(''),
  assignments: repeated('a=b '),
  'assignments without a command': repeated('a='),
  'single quotes': repeated("''"),
  'one single quote': around("'", 'a', ''),
  'double quotes': repeated('""'),
  'one double quote': around('"', 'a', ''),
  backslashes: repeated('\\'),
  'line continuations': repeated('\\\n'),
  backticks: repeated('`a`'),
  'one backtick': around('`', 'a', ''),
  'backticks with backslashes': around('`', '\\`', ''),
  'commands in commands': repeated('$('),
  'commands in quotes in commands': repeated('"$('),
  'commands one after the other': repeated('$(a)'),
  'parameters in parameters': repeated('${a:-'),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a shell's.
  'parameters one after the other': repeated('${a}'),
  'apostrophes in quoted parameters': repeated(`"\${a:-'}" `),
  'compounds in compounds': repeated('{ '),
  'compounds one after the other': repeated('{ a; } | b & '),
  'closing words': repeated('if { } fi done '),
  'a long and-or list': repeated('a && '),
  'a long pipeline': repeated('a | '),
  'a test of parentheses': around('[[ ', '( ', ']]'),
  'a parameter that is read again and again': chars =>
    `bash -c '${repeated('eval "$1";')(chars / 2)}' _ '${repeated('a;')(chars / 2 - 20)}'`,
  'words that are put in again and again': chars =>
    `bash -c '${repeated('git "$@";')(chars / 2)}' _ ${repeated('a ')(chars / 2 - 20)}`,
  'all words, put in again and again': chars =>
    `set -- ${repeated('a ')(chars / 2)}; ${repeated('"$@";')(chars / 2 - 20)}`,
  'all words, put into one word again and again': chars =>
    `set -- ${repeated('a ')(chars / 2)}; ${repeated('$@')(chars / 2 - 20)}`,
  'all words as one, again and again': chars =>
    `set -- ${repeated('a ')(chars / 2)}; ${repeated('a"$*" ')(chars / 2 - 20)}`,
  'a text of all words that is read again and again': chars =>
    `set -- ${repeated('a ')(chars / 4)}; ${repeated('eval "$@";')((chars * 3) / 4 - 20)}`,
  'one of many words, again and again': chars =>
    `set -- ${repeated('a ')(chars / 2)}; ${repeated('$1 ')(chars / 2 - 20)}`,
  'a text that passes through pipelines': chars =>
    `echo '${repeated('a;')(chars / 2)}' ${repeated('|{ b;c; }')(chars / 2)}`,
  'a text that shells read one after the other': chars =>
    `echo '${repeated('a;')(chars / 2)}' ${repeated('|tee|sh')(chars / 2)}`,
  subshells: repeated('('),
  'subshells one after the other': repeated('(a);'),
  'closing parentheses': repeated(')'),
  arithmetic: repeated('(('),
  'arithmetic expansions': repeated('$((1<<2)) '),
  dollars: repeated('$'),
  'dollars and quotes': repeated("$'\\x41'"),
  lists: repeated('a=('),
  'words that look like lists': around('', 'a', '=('),
  'words that look like lists, again and again': repeated('aaaaaaaaaaaaaaaaaaa=(b)('),
  'here-documents without an end': repeated('<<a '),
  'here-documents': repeated('cat <<a\nb\na\n'),
  'one here-document': around('cat <<a\n', 'b\n', 'a'),
  'a here-document of tabs': around('cat <<-a\n', '\t', '\na'),
  'here-documents in here-documents': repeated('cat <<a\n$('),
  'here-documents of one line': chars => `${repeated('cat <<a;')(chars / 2)}\n${repeated('a\n')(chars / 2)}`,
  'here-strings': repeated('a<<<b '),
  redirections: repeated('1>a '),
  'numbers before redirections': around('', '1', '>a'),
  'numbers before redirections, again and again': repeated('x1>'),
  'process substitutions': repeated('<('),
  operators: repeated('&&||;'),
  newlines: repeated('\n'),
  comments: repeated('#\n'),
  'one comment': around('#', 'a', ''),
  cases: repeated('case a in '),
  'patterns of a case': around('case a in ', 'a)b;;', 'esac'),
  'bars in a pattern': around('case a in ', 'a|', ') b;; esac'),
  'reserved words': repeated('if '),
  functions: repeated('f() { '),
  'function words': repeated('function f '),
  'shells in shells': repeated('sh -c '),
  'evals in evals': repeated('eval '),
  'watches in watches': repeated('watch '),
  wrappers: repeated('sudo '),
  'wrappers with options': repeated('sudo -u x env -i '),
  'options of a wrapper': around('sudo ', '-E ', 'git pull'),
  'letters of an option': around('sudo -', 'E', ' git pull'),
  'options of git': around('git ', '-p ', 'pull'),
  'options of a verb': around('git pull ', '-q ', ''),
  'letters of a verb': around('git pull -', 'q', ''),
  'aliases of git': around('git ', '-c alias.a=b ', 'a'),
  'aliases of git in aliases': chars => `git ${repeated("-c 'alias.x=!git -c ")(chars)}`,
  'finds in finds': repeated('find -exec '),
  'commands of one find': around('find ', '-exec git pull ; ', ''),
  tildes: repeated('~ '),
  patterns: repeated('*?[{'),
  braces: repeated('{'),
}

/** Blocks that one character may cost, on the way through reader, walk and git's own words. */
const BLOCKS_PER_CHAR = 150

it.each(Object.keys(LINES))('of %s is read in steps that grow no faster than it', async name => {
  const count = async (chars: number) => {
    const line = LINES[name]!(chars)
    return await meter.count(() => sharedGitVerbs(line, { cwd: '/w', home: '/home/me' }))
  }
  await count(LIMITS.textChars / 4)
  const half = await count(LIMITS.textChars / 2)
  const whole = await count(LIMITS.textChars)
  expect(whole).toBeLessThan(BLOCKS_PER_CHAR * LIMITS.textChars)
  expect(whole).toBeLessThan(3 * half + 10_000)
})

/** What the meter does not see: the engine's own loops, where lists are copied and put together. */
async function itemsCopied(run: () => unknown): Promise<number> {
  const { join, slice } = Array.prototype
  let items = 0
  Array.prototype.join = function (between) {
    items += this.length
    return join.call(this, between)
  }
  Array.prototype.slice = function (...range) {
    const copy = slice.apply(this, range)
    items += copy.length
    return copy
  }
  try {
    await run()
  } finally {
    Object.assign(Array.prototype, { join, slice })
  }
  return items
}
/** Each word is read, looked through by wrappers, and may be put in six times. */
const COPIES_PER_CHAR = 12

it.each(Object.keys(LINES))('the words of %s are copied a bounded number of times', async name => {
  const line = LINES[name]!(LIMITS.textChars)
  const copied = await itemsCopied(() => sharedGitVerbs(line, { cwd: '/w', home: '/home/me' }))
  expect(copied).toBeLessThan(COPIES_PER_CHAR * LIMITS.textChars)
})
