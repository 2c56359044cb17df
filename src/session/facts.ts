import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { cutTo } from '../bus/cut.ts'
import { defined } from '../bus/defined.ts'
import { LIMITS } from '../bus/limits.ts'
import { normaliseRemote } from '../bus/repo.ts'

/** What a program can tell of where it runs; the `facts` of `register` and `heartbeat`. */
export interface SessionFacts {
  readonly machine: string
  readonly agent?: string
  readonly cwd?: string
  /** The same for all worktrees and clones of one repository. */
  readonly repo?: string
  readonly worktree?: string
  readonly branch?: string
  readonly pane?: string
  readonly run?: string
}

const run = promisify(execFile)

/** A git that hangs (a network drive, a lock) costs facts, not the session. */
const GIT_TIMEOUT_MS = 3_000

/** Never rejects: what can not be found out is left out. */
export async function gatherFacts(
  cwd: string,
  env: NodeJS.ProcessEnv,
  known: {
    /** What the agent calls itself, where its environment does not say. */
    readonly agent?: string | undefined
    /** Which run of the agent's process this is. */
    readonly run?: string | undefined
  } = {},
): Promise<SessionFacts> {
  const machine = machineName()
  const git = await gitFacts(cwd, machine)
  return bounded(
    defined({
      machine,
      agent: agentKind(env) ?? known.agent,
      cwd,
      ...git,
      pane: paneOf(env),
      run: known.run,
    }),
  )
}

/** What the hub must know of a repository to say where a path in it lies. */
export type Repository = Readonly<Required<Pick<SessionFacts, 'repo' | 'worktree'>>>

/** The repository whose worktree a folder is in. Never rejects. */
export async function repositoryOf(folder: string): Promise<Repository | undefined> {
  const machine = machineName()
  const { repo, worktree } = bounded({ machine, ...(await gitFacts(folder, machine)) })
  return repo === undefined || worktree === undefined ? undefined : { repo, worktree }
}

function machineName(): string {
  return hostname() || 'localhost'
}

function agentKind(env: NodeJS.ProcessEnv): string | undefined {
  return env.CLAUDECODE || env.CLAUDE_CODE_SESSION_ID ? 'claude-code' : undefined
}

function paneOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env.TMUX_PANE) return `tmux:${env.TMUX_PANE}`
  if (env.ZELLIJ_PANE_ID) return `zellij:${env.ZELLIJ_SESSION_NAME ?? ''}:${env.ZELLIJ_PANE_ID}`
  return undefined
}

async function gitFacts(cwd: string, machine: string): Promise<Pick<SessionFacts, 'repo' | 'worktree' | 'branch'>> {
  const [commonDir, worktree, branch, remotes] = await Promise.all([
    git(cwd, 'rev-parse', '--git-common-dir'),
    git(cwd, 'rev-parse', '--show-toplevel'),
    git(cwd, 'symbolic-ref', '--quiet', '--short', 'HEAD'),
    git(cwd, 'remote', '--verbose'),
  ])
  if (commonDir === undefined) return {}
  const repo = remoteName(remotes ?? '') ?? localName(resolve(cwd, commonDir), machine)
  return defined({ repo, worktree, branch })
}

/** The repository's name by its remote: `origin` before others. */
function remoteName(remotes: string): string | undefined {
  const urls = remotes
    .split('\n')
    .map(line => /^(\S+)\t(.+) \(fetch\)$/.exec(line))
    .flatMap(match => (match ? [{ name: match[1]!, url: match[2]! }] : []))
  const chosen = urls.find(({ name }) => name === 'origin') ?? urls[0]
  return chosen === undefined ? undefined : normaliseRemote(chosen.url)
}

/** Without a remote the folder names it, and a mark keeps two folders of one name apart. */
function localName(commonDir: string, machine: string): string {
  const folder = basename(commonDir) === '.git' ? dirname(commonDir) : commonDir
  const mark = createHash('sha256').update(`${machine}\n${commonDir}`).digest('hex').slice(0, 6)
  return `${basename(folder)
    .replace(/\.git$/, '')
    .replace(/[\s:]+/g, '-')}~${mark}`
}

async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  try {
    const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
    const { stdout } = await run('git', args, { cwd, env, timeout: GIT_TIMEOUT_MS, windowsHide: true })
    return stdout.trimEnd() || undefined
  } catch {
    return undefined
  }
}

/** The hub refuses a fact that is too long, and with it the registration; better to do without the fact. */
function bounded(facts: SessionFacts): SessionFacts {
  const { machine, ...others } = facts
  const kept = Object.entries(others).filter(([, value]) => typeof value === 'string' && value.length <= MAX_FACT_CHARS)
  return { machine: cutTo(machine, LIMITS.nameChars), ...Object.fromEntries(kept) }
}
const MAX_FACT_CHARS = 300
