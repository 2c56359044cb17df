/**
 * A session is one run of an agent. What it is doing (`activity`) is told by the agent's own client; whether it is
 * there (`presence`) follows from signs of life.
 *
 *   online ──120 s silent──▶ idle ──10 min──▶ stale ──24 h──▶ gone
 *      ▲                                                       ▲
 *      └────────── any call, or an attached stream             └── unregistered, or its process ended
 *
 * A stale session is shown, never hidden. A gone one keeps its mail; the same (grantor, machine, client id) brings it
 * back, unless the operator expelled it.
 */
export interface Session {
  readonly id: string
  /** Unique among sessions that are not gone. */
  readonly name: string
  /** Two words, unique, the same for this session for ever. */
  readonly codename: string
  /** What kind of agent runs it: `claude-code`, `codex`, `shell` … */
  readonly agent?: string
  readonly role?: string
  readonly summary?: string
  readonly machine: string
  /** Whose authority it has: the operator's, or that of the token with this id. It never changes. */
  readonly grantor: string
  /** Identity of the run at its client; unique together with grantor and machine, so that nobody takes another's. */
  readonly clientId?: string
  /** Which run of the agent this is: another run may not know what the one before was shown. See `runOf`. */
  readonly run?: string
  /** Same for all worktrees and clones of one repository. See `repo.ts`. */
  readonly repo?: string
  /** The absolute top folder of the worktree. */
  readonly worktree?: string
  /** Where git keeps the repository: one folder for all its worktrees on this machine. */
  readonly gitdir?: string
  readonly branch?: string
  readonly cwd?: string
  /** The terminal pane, e.g. `tmux:%3`. */
  readonly pane?: string
  /** The agent's permission mode, as its client names it. */
  readonly mode?: string
  /** What it was named at its agent's client, as that last told (`claude --name`, `/rename`); not what the client made up. */
  readonly title?: string
  /** Id of the session that this one was forked from. */
  readonly parent?: string
  /** Globs, relative to the repo, that this session says are its own. */
  readonly owns: readonly string[]
  readonly topics: readonly string[]
  readonly activity?: Activity
  /** What it waits for, where `activity` is `waiting`. */
  readonly waitingFor?: string
  /** What the bus has put into this session's context, and how often it rang: tokens are its user's money. */
  readonly injected?: Injected
  readonly registeredAt: number
  readonly seenAt: number
  readonly endedAt?: number
  readonly endReason?: string
  /** How often it was let in again after it had been expelled. The credentials of before are void. */
  readonly readmissions?: number
}

/** Whether a text is written like a session's id. Nothing else is: no session may be called so. */
export function isSessionId(text: string): boolean {
  return text.startsWith('ses_')
}

/** The name of a process's first run, and of each further one, which begins with an emptied context. */
export function runOf(process: string, further: number): string {
  return further === 0 ? process : `${process}/${further}`
}

export function processOf(run: string): string {
  return run.replace(/\/\d+$/, '')
}

/** Why sessions end. Programs go by these words (`details.reason` of `session_ended`). */
export const ENDED = {
  left: 'unregistered',
  /** By the operator: it stays out until the operator lets it in, or its agent runs anew. */
  expelled: 'expelled',
  tokenRevoked: 'token revoked',
  connectionClosed: 'connection closed',
  silent: 'silent',
} as const

/** Shares nothing with the original that could be changed through it. */
export function copyOf(session: Session): Session {
  const { owns, topics, injected } = session
  return { ...session, owns: [...owns], topics: [...topics], ...(injected && { injected: { ...injected } }) }
}

export interface Injected {
  readonly chars: number
  readonly messages: number
  readonly rings: number
}

export function plusInjected(before: Injected | undefined, more: Partial<Injected>): Injected {
  return {
    chars: (before?.chars ?? 0) + (more.chars ?? 0),
    messages: (before?.messages ?? 0) + (more.messages ?? 0),
    rings: (before?.rings ?? 0) + (more.rings ?? 0),
  }
}

export const ACTIVITIES = ['busy', 'idle', 'waiting'] as const
export type Activity = (typeof ACTIVITIES)[number]

export type Presence = 'online' | 'idle' | 'stale' | 'gone'

/** Two missed minutes is more than a slow turn's silence between two calls. */
export const ONLINE_MS = 120_000
export const STALE_MS = 10 * 60_000
/** The successor of the first bus sweeps at 24 h, and its users rely on a laptop's night not ending their sessions. */
export const GONE_MS = 24 * 3600_000

/** Whether a session is there. Times in milliseconds of the store's clock. */
export function presenceOf(session: { seenAt: number; endedAt?: number }, now: number): Presence {
  if (session.endedAt !== undefined) return 'gone'
  const silentMs = now - session.seenAt
  if (silentMs <= ONLINE_MS) return 'online'
  if (silentMs <= STALE_MS) return 'idle'
  return silentMs <= GONE_MS ? 'stale' : 'gone'
}
