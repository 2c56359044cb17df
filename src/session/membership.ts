import { randomUUID } from 'node:crypto'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { type Client, connect } from '../client/index.ts'
import { forgetSession, type SavedSession, saveSession } from '../home/credentials.ts'
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
 *
 * The conversation's id at the client changes within one process. When it was cleared, the session goes with it
 * (`moveTo`); when another one was taken up or branched off, that is another session (`become`).
 */
export interface Membership {
  /** Registers, unless that is done or under way. `start` may start a hub, `wait` only waits for one. */
  join(how: 'start' | 'wait'): Promise<Joined>
  /** This registration is void; the next `join` makes a new one. */
  drop(joined: Joined): void
  leave(): void
  comeBack(): void
  /** The same session in another run: under this client id, with a context that may lack what was offered before. */
  moveTo(clientId: string): Promise<void>
  /** Does what `moveTo` could not while the hub was away. */
  catchUp(): Promise<void>
  /** From now on the session of this client id; `parent` is the client id of the one that it was branched off. */
  become(clientId: string, parent?: string): void
  /** What the hub is told of this session's surroundings. */
  facts(): Promise<SessionFacts>
  factsAre(facts: Promise<SessionFacts>): void
  readonly hasLeft: boolean
  /** Resolves as soon as the session has not left. */
  isIn(): Promise<void>
  close(): Promise<void>
}

export interface Joined {
  readonly name: string
  /** Aborts when this process speaks as another session. */
  readonly over: AbortSignal
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
  /** Client id of the session that this one was forked from. */
  readonly parent?: Promise<string | undefined>
  readonly facts: Promise<SessionFacts>
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

export function createMembership(options: MembershipOptions): Membership {
  const { env, signal } = options
  const paths = homePaths(env)
  const clients = { start: connect({ env }), wait: connect({ env, startHub: false }) }
  /** Under which id the hub knows this session, and what else it is told when that changes. */
  let { clientId, parent, facts } = options
  /** The id under which the hub knows this session, where it may be behind: it was away when the conversation changed. */
  let knownAs: string | undefined
  let isBehind = false
  const saved = new Set<string>()
  let joined: Joined | undefined
  let over = new AbortController()
  let joining: Promise<Joined> | undefined
  let absence: { over: Promise<void>; end: () => void } | undefined

  async function register(how: 'start' | 'wait'): Promise<Joined> {
    const asked = { id: knownAs ?? clientId, over: over.signal }
    const known = defined({ ...(await facts), parent: await parent })
    const answer = await clients[how].call('register', { client_id: asked.id, facts: known }, { signal })
    await share(asked.id, answer)
    const session = {
      name: answer.name,
      over: asked.over,
      client: clients.start.withCredential(answer.credential),
      watcher: clients.wait.withCredential(answer.credential),
    }
    if (asked.over.aborted) return session
    joined = session
    knownAs = asked.id
    if (isBehind) await move(session)
    return session
  }

  /** The same session under its present client id, as another run. */
  async function move({ client }: Joined): Promise<void> {
    const id = clientId
    const answer = await client.call('register', { client_id: id, facts: await facts }, { signal })
    knownAs = id
    isBehind = id !== clientId
    await share(id, answer)
  }

  /** Leaves the credential to the shells that the agent opens under this client id. */
  async function share(id: string, { session_id, name, credential }: SavedSession): Promise<void> {
    if (!options.isShared) return
    saved.add(id)
    await saveSession(paths, id, { session_id, name, credential }).catch(error =>
      options.log(`the credential for this session's shells: ${error}`),
    )
  }

  return {
    async join(how) {
      if (joined) return joined
      if (!joining) {
        const attempt: Promise<Joined> = register(how).finally(() => {
          if (joining === attempt) joining = undefined
        })
        joining = attempt
      }
      return await joining
    },
    async moveTo(id) {
      const run = randomUUID()
      facts = facts.then(known => ({ ...known, run }))
      clientId = id
      isBehind = true
      await this.catchUp()
    },
    async catchUp() {
      if (!isBehind) return
      const session = await this.join('wait')
      if (isBehind) await move(session)
    },
    become(id, from) {
      over.abort()
      over = new AbortController()
      joined = undefined
      joining = undefined
      clientId = id
      knownAs = undefined
      isBehind = false
      parent = Promise.resolve(from)
      const run = randomUUID()
      facts = facts.then(known => ({ ...known, run }))
    },
    facts: () => facts,
    factsAre(promise) {
      const before = facts
      facts = Promise.all([before, promise]).then(([{ run }, fresh]) => defined({ ...fresh, run }))
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
      await Promise.all([...saved].map(id => forgetSession(paths, id).catch(() => undefined)))
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
