import { BusError } from '../bus/errors.ts'
import { type Client, connect } from '../client/index.ts'
import { forgetSession, saveSession } from '../home/credentials.ts'
import { homePaths } from '../home/paths.ts'
import type { SessionFacts } from './facts.ts'

/**
 * Whether this process's session is on the bus:
 *
 *   apart ──register──▶ joined ──hub says: unknown or ended──▶ apart
 *                         │ unregistered (by the model, its shell or the operator)
 *                         └──▶ left ──the model calls register──▶ joined
 *
 * Whoever was unregistered on purpose does not come back by itself.
 */
export interface Membership {
  /** Registers, unless that is done or under way. `start` may start a hub, `wait` only waits for one. */
  join(how: 'start' | 'wait'): Promise<Joined>
  /** This registration is void; the next `join` makes a new one. */
  drop(joined: Joined): void
  leave(): void
  comeBack(): void
  readonly hasLeft: boolean
  /** Resolves as soon as the session has not left. */
  isIn(): Promise<void>
  close(): Promise<void>
}

export interface Joined {
  /** Speaks as the session; may start a hub. */
  readonly client: Client
  /** The same for the stream, which only waits: or nobody could stop a hub while a session is open. */
  readonly watcher: Client
}

export interface MembershipOptions {
  readonly env: NodeJS.ProcessEnv
  /** Names the run at its client, so that a resumed one is the same session. */
  readonly clientId: string
  /** Whether the agent's shells know the client id, and so can find this session's credential. */
  readonly isShared: boolean
  readonly facts: Promise<SessionFacts>
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

export function createMembership(options: MembershipOptions): Membership {
  const { env, clientId, signal } = options
  const paths = homePaths(env)
  const clients = { start: connect({ env }), wait: connect({ env, startHub: false }) }
  let joined: Joined | undefined
  let joining: Promise<Joined> | undefined
  let absence: { over: Promise<void>; end: () => void } | undefined

  async function register(how: 'start' | 'wait'): Promise<Joined> {
    const facts = await options.facts
    const answer = await clients[how].call('register', { client_id: clientId, facts }, { signal })
    const { session_id, name, credential } = answer
    if (options.isShared) {
      const saved = saveSession(paths, clientId, { session_id, name, credential })
      await saved.catch(error => options.log(`the credential for this session's shells: ${error}`))
    }
    joined = {
      client: clients.start.withCredential(credential),
      watcher: clients.wait.withCredential(credential),
    }
    return joined
  }

  return {
    async join(how) {
      if (joined) return joined
      joining ??= register(how).finally(() => {
        joining = undefined
      })
      return await joining
    },
    drop(session) {
      if (joined === session) joined = undefined
    },
    leave() {
      if (absence) return
      let end = () => {}
      const over = new Promise<void>(resolve => {
        end = resolve
      })
      absence = { over, end }
    },
    comeBack() {
      absence?.end()
      absence = undefined
    },
    get hasLeft() {
      return absence !== undefined
    },
    isIn: () => absence?.over ?? Promise.resolve(),
    async close() {
      if (options.isShared && joined) await forgetSession(paths, clientId).catch(() => undefined)
      await Promise.all([clients.start.close(), clients.wait.close()])
    },
  }
}

/** Ended on purpose: coming back by itself would overrule whoever ended it. */
export function isUnregistered(error: unknown): boolean {
  return error instanceof BusError && error.code === 'session_ended' && error.details?.reason === 'unregistered'
}

/** The hub does not know this session any more: its store is another one, or it was swept while the machine slept. */
export function isUnknown(error: unknown): boolean {
  if (!(error instanceof BusError) || isUnregistered(error)) return false
  return error.code === 'session_ended' || error.code === 'unauthenticated'
}
