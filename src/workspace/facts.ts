import { cutTo } from '../bus/cut.ts'
import { defined } from '../bus/defined.ts'
import { LIMITS } from '../bus/limits.ts'
import { isText } from '../bus/text.ts'
import { machineName } from '../home/machine.ts'
import { homePaths } from '../home/paths.ts'
import { isWhole } from '../home/system-text.ts'
import { git } from './git.ts'
import { repositoryAround } from './repository.ts'

/** What a program can tell of where it runs; the `facts` of `register` and `heartbeat`. */
export interface SessionFacts {
  readonly machine: string
  readonly agent?: string
  readonly cwd?: string
  /** The same for all worktrees and clones of one repository. */
  readonly repo?: string
  readonly worktree?: string
  /** Where git keeps the repository: one folder for all its worktrees on this machine. */
  readonly gitdir?: string
  readonly branch?: string
  readonly pane?: string
  readonly run?: string
  /** What the session was named at its agent's client, where that was given to it. */
  readonly title?: string
}

/** Never rejects: what cannot be found out is left out. */
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
  const machine = await machineName(homePaths(env))
  const [repository, branch] = await Promise.all([repositoryFacts(cwd, machine), branchIn(cwd)])
  const { agent = known.agent, pane } = environmentFacts(env)
  return bounded(defined({ machine, agent, cwd, ...repository, branch, pane, run: known.run }))
}

/** The same facts with the repository as its settings name it now; a look at one file where they are as before. */
export async function withFreshRepository(facts: SessionFacts): Promise<SessionFacts> {
  const { cwd, machine } = facts
  if (cwd === undefined) return facts
  const found = await repositoryFacts(cwd, machine)
  return found.repo === undefined ? facts : bounded({ ...facts, ...found })
}

async function repositoryFacts(
  cwd: string,
  machine: string,
): Promise<Pick<SessionFacts, 'repo' | 'worktree' | 'gitdir'>> {
  const found = await repositoryAround(cwd, machine)
  if (typeof found === 'string') return {}
  const { repo, worktree, gitdir } = found
  return defined({ repo, worktree, gitdir })
}

async function branchIn(cwd: string): Promise<string | undefined> {
  const answer = await git(cwd, 'symbolic-ref', '--quiet', '--short', 'HEAD')
  return answer.kind === 'text' ? answer.text : undefined
}

function environmentFacts(env: NodeJS.ProcessEnv): Pick<SessionFacts, 'agent' | 'pane'> {
  const agent = env.CLAUDECODE || env.CLAUDE_CODE_SESSION_ID ? 'claude-code' : undefined
  return defined({ agent, pane: paneOf(env) })
}

function paneOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env.TMUX_PANE) return `tmux:${env.TMUX_PANE}`
  if (env.ZELLIJ_PANE_ID) return `zellij:${env.ZELLIJ_SESSION_NAME ?? ''}:${env.ZELLIJ_PANE_ID}`
  return undefined
}

/** The hub refuses a fact that is too long or no text, and with it the registration; better to do without the fact. */
function bounded(facts: SessionFacts): SessionFacts {
  const { machine, ...others } = facts
  const kept = Object.entries(others).filter(
    ([, value]) => typeof value === 'string' && value.length <= MAX_FACT_CHARS && isText(value) && isWhole(value),
  )
  return { machine: cutTo(machine, LIMITS.nameChars), ...Object.fromEntries(kept) }
}
const MAX_FACT_CHARS = 300
