import { execFile } from 'node:child_process'
import { isWhole } from '../home/system-text.ts'

/** A git that hangs (a network drive, a lock) costs facts, not the session. */
const TIMEOUT_MS = 3_000

/** What git answered: text, "no" by its exit code, or nothing that could be understood. */
export type GitAnswer =
  | { readonly kind: 'text'; readonly text: string }
  /** Git ran and denied: no such key, a detached head, no repository here. */
  | { readonly kind: 'none' }
  /** It hung, could not be started, refused to look or said what is no UTF-8: nothing follows from that, least of all "there is none". */
  | { readonly kind: 'unknown' }

/**
 * Git tells the commands that it runs (hooks, `rebase --exec`) which repository it works in by variables that would turn
 * every question about another folder into one about that repository. What stays says where git itself and the
 * settings of the machine and the user lie.
 */
const KEPT = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'GIT_CONFIG_SYSTEM', 'GIT_EXEC_PATH'])

export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name))
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}

/** Asks git in a folder; once more where it gave no answer. Never rejects. */
export async function git(cwd: string, ...args: string[]): Promise<GitAnswer> {
  const first = await ask(cwd, args)
  return first.kind === 'unknown' ? await ask(cwd, args) : first
}

function ask(cwd: string, args: readonly string[]): Promise<GitAnswer> {
  const options = {
    cwd,
    env: gitEnvironment(process.env),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    windowsHide: true,
  }
  return new Promise(resolve => {
    execFile('git', [...args], options as { encoding?: 'utf8' }, (error, stdout, stderr) => {
      if (error === null && !isWhole(stdout)) resolve({ kind: 'unknown' })
      else if (error === null) resolve({ kind: 'text', text: stdout.replace(/\n$/, '') })
      else resolve({ kind: isDenial(error.code, stderr) ? 'none' : 'unknown' })
    })
  })
}

/** 1 is git's "no such thing"; 128 is every fault, of which one is an answer. */
function isDenial(exitCode: unknown, stderr: string): boolean {
  return exitCode === 1 || (exitCode === 128 && /not a git repository|must be run in a work tree/.test(stderr))
}
