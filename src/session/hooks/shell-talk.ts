import { basename, resolve } from 'node:path'
import { readOptions, setOf } from '../../bus/options.ts'
import { type FoundCommand, shellCommands } from '../../bus/shell-commands.ts'

const TALK_PROGRAMS = setOf('switchboard swb')

const WAITING_PROGRAMS = setOf('sleep wait')
/** What stands beside them where a line does nothing but wait: they write where the agent alone reads it. */
const IDLE_PROGRAMS = setOf('sleep wait true false : date pwd [ [[ test echo printf')

/** Run a program of a package. */
const PACKAGE_RUNNERS = setOf('npx bunx pnpx npm pnpm yarn bun')
/** Words of theirs before its name. */
const RUNNER_WORDS = setOf('exec x dlx')
const NODES = setOf('node nodejs bun deno')
const TAKING = setOf('-p --package -c --call -w --workspace --filter -C --dir -r --require --import --loader')

/**
 * Whether a shell line only talks, by the switchboard's own command however it is called, or only waits. A line that
 * also does something else talks too: nobody knows whether its work is more than a pretext.
 */
export function isTalkInShell(line: string, cwd: string): boolean {
  const { commands, isWhole } = shellCommands(line, { cwd })
  if (commands.some(command => isTalk(command, cwd))) return true
  const waits = commands.length === 0 || commands.some(({ words }) => WAITING_PROGRAMS.has(words[0]!))
  return isWhole && waits && !writesFile(line) && commands.every(({ words }) => IDLE_PROGRAMS.has(words[0]!))
}

function isTalk({ words, folder }: FoundCommand, cwd: string): boolean {
  const [program = ''] = words
  if (isTalkProgram(program)) return true
  const name = basename(program)
  const { at } = readOptions(words, 1, { taking: TAKING })
  const own = process.argv[1]
  if (NODES.has(name) && own !== undefined && words[at] !== undefined && resolve(folder ?? cwd, words[at]) === own) {
    return true
  }
  if (!PACKAGE_RUNNERS.has(name)) return false
  const rest = RUNNER_WORDS.has(words[at] ?? '') ? readOptions(words, at + 1, { taking: TAKING }).at : at
  return isTalkProgram(words[rest] ?? '')
}

/** `~/bin/switchboard`, `switchboard@1.2` */
function isTalkProgram(word: string): boolean {
  return TALK_PROGRAMS.has(basename(word).replace(/@[^@]*$/, ''))
}

function writesFile(line: string): boolean {
  return line.replace(/>>?\s*(?:&\s*\d|\/dev\/null)/g, '').includes('>')
}
