import { randomUUID } from 'node:crypto'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { ENDED, processOf, runOf } from '../bus/session.ts'
import { type Client, connect } from '../client/index.ts'
import { backfillMinutes } from '../home/backfill.ts'
import { forgetSession, type SavedSession, saveSession } from '../home/credentials.ts'
import { homePaths } from '../home/paths.ts'
import { successionIn } from '../home/succession.ts'
import { type SessionFacts, withFreshRepository } from '../workspace/facts.ts'

/**
 * Whether this process's session is on the bus:
 *
 *   apart ──register──▶ joined ──hub says: unknown or ended──▶ apart
 *                         │ unregistered (by the model or its shell), or expelled (by the operator)
 *                         └──▶ left ──the model calls register──▶ joined
 *
 * A session that was ended on purpose does not come back by itself. Where the operator ended it, the hub also refuses
 * `register` until the operator, or a new process, lets it in.
 *
 * The session is registered, and moved to another conversation, with the credential of the user or token: with its own it
 * could only change itself. The conversation's id at the client changes within one process. When it was cleared, the session goes with it
 * (`moveTo`); when another one was taken up or branched off, that is another session (`become`).
 */
export interface Membership {
  /**
   * Registers, unless that is done or under way. `start` may start a hub, `wait` only waits for one. Nobody speaks for
   * the session before the hub knows in which run it is: what a run leases or proves must not be taken for another's.
   */
  join(how: 'start' | 'wait'): Promise<Joined>
  /** This registration is void; the next `join` makes a new one. */
  drop(joined: Joined): void
  leave(): void
  comeBack(): void
  /** The conversation will go on under this id. Resolves when that outlives this process. Never rejects. */
  heads(clientId: string): Promise<void>
  /**
   * The same session in another run: under this client id, with a context that may lack what was offered before. Where
   * the hub is away, the next `join` tells it.
   */
  moveTo(clientId: string): Promise<void>
  /** From now on the session of this client id; `parent` is the client id of the one that it was branched off. */
  become(clientId: string, parent?: string): void
  /** What the hub is told of this session's surroundings. */
  facts(): Promise<SessionFacts>
  factsAre(facts: Promise<SessionFacts>): void
  /** Where the session is, as far as that is known by now: while git is asked again, what it said before. */
  location(): Promise<SessionFacts>
  readonly hasLeft: boolean
  /** Resolves as soon as the session has not left. */
  isIn(): Promise<void>
  close(): Promise<void>
}

export interface Joined {
  readonly name: string
  /** Aborts when this process speaks as another session. */
  readonly over: AbortSignal
  readonly credential: string
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
  /** What the session was named at its client, asked whenever it is registered. */
  readonly title?: () => string | undefined
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

const MAX_ALIASES = 10

export function createMembership(options: MembershipOptions): Membership {
  const { env, signal } = options
  const paths = homePaths(env)
  /** It was started with the credential of a session that exists: it stays that session. */
  const isItsOwn = env.SWITCHBOARD_TOKEN?.trim().startsWith('swb_session_') === true
  const backfill_minutes = backfillMinutes(env, { isAgent: true })
  const clients = { start: connect({ env }), wait: connect({ env, startHub: false }) }
  /** Under which id the hub knows this session, and what else it is told when that changes. */
  let { clientId, parent } = options
  let facts = options.facts
  let located: SessionFacts | undefined
  knowWhere(facts)
  const succession = successionIn(paths)
  /** The id that was noted there, and may be forgotten when the hub knows it or another has followed. */
  let heir: string | undefined
  /** Ids under which the hub may know this session, the latest first, and which of its runs it knows. */
  let aliases: string[] | undefined
  let runs = 0
  let knownRun = 0
  const saved = new Set<string>()
  let joined: Joined | undefined
  let over = new AbortController()
  let joining: { readonly how: 'start' | 'wait'; readonly done: Promise<Joined> } | undefined
  let absence: { over: Promise<void>; end: () => void } | undefined

  function knowWhere(asked: Promise<SessionFacts>): void {
    facts = asked
    void asked.then(known => {
      if (facts === asked) located = known
    })
  }

  /** What the hub is told when it registers this session: as the repository, and the session, is called now. */
  async function presentFacts(): Promise<SessionFacts> {
    const known = await withFreshRepository(await facts)
    return defined({ ...known, title: options.title?.() })
  }

  async function enter(how: 'start' | 'wait'): Promise<Joined> {
    let session = joined ?? (await register(how))
    while (isBehind() && !session.over.aborted) session = await register(how)
    return session
  }

  /** A session that has left does not come back by a `/clear`. */
  function isBehind(): boolean {
    return runs !== knownRun && absence === undefined
  }

  async function known(): Promise<string[]> {
    const { clientId: first } = options
    const found = await succession.predecessorsOf(first)
    aliases ??= [first, ...found]
    return aliases
  }

  /** The hub knows this session under this id, and in this run. */
  async function told(id: string, run: number, answer: SavedSession): Promise<void> {
    aliases = [id]
    knownRun = run
    await share(id, answer)
    await forgetHeir(id)
  }

  async function register(how: 'start' | 'wait'): Promise<Joined> {
    const known_as = (await known()).filter(id => id !== clientId).slice(0, MAX_ALIASES)
    const asked = { id: clientId, run: runs, over: over.signal }
    const described = defined({
      ...(await presentFacts()),
      parent: await parent,
      ...(known_as.length > 0 ? { known_as } : {}),
    })
    const named = isItsOwn ? {} : { client_id: asked.id }
    const asking = { ...named, backfill_minutes, facts: described }
    const answer = await clients[how].call('register', asking, { signal })
    if (asked.over.aborted) return spokenFor(answer, asked.over)
    if (joined?.credential !== answer.credential) {
      // Another one than before, should there have been one: whatever follows that one ends.
      if (joined) beginAnew()
      joined = spokenFor(answer, over.signal)
    }
    const session = joined
    await told(asked.id, asked.run, answer)
    return session
  }

  function spokenFor({ name, credential }: SavedSession, until: AbortSignal): Joined {
    const client = clients.start.withCredential(credential)
    return { name, over: until, credential, client, watcher: clients.wait.withCredential(credential) }
  }

  function beginAnew(): void {
    over.abort()
    over = new AbortController()
  }

  async function forgetHeir(id: string): Promise<void> {
    await succession.forget(id).catch(error => options.log(`succession: ${error}`))
    if (heir === id) heir = undefined
  }

  /** Leaves the credential to the shells that the agent opens under this client id. */
  async function share(id: string, { session_id, name, credential }: SavedSession): Promise<void> {
    if (!options.isShared) return
    saved.add(id)
    await saveSession(paths, id, { session_id, name, credential }).catch(error =>
      options.log(`the credential for this session's shells: ${error}`),
    )
  }

  function beginRun(): void {
    const further = ++runs
    knowWhere(facts.then(known => ({ ...known, run: runOf(processOf(known.run ?? randomUUID()), further) })))
  }

  return {
    async join(how) {
      if (joined && !isBehind()) return joined
      if (!joining) {
        const done: Promise<Joined> = enter(how).finally(() => {
          if (joining?.done === done) joining = undefined
        })
        joining = { how, done }
      } else if (how === 'start' && joining.how === 'wait') {
        // It waits for a hub that nobody else may start.
        void clients.start.request('GET', '/healthz', { signal }).catch(() => undefined)
      }
      return await joining.done
    },
    async heads(id) {
      const from = (await known()).filter(each => each !== id)
      if (from.length === 0) return
      aliases = [id, ...from].slice(0, MAX_ALIASES)
      await succession.note(id, from).catch(error => options.log(`succession: ${error}`))
      if (heir !== undefined && heir !== id) await forgetHeir(heir)
      heir = id
    },
    async moveTo(id) {
      clientId = id
      beginRun()
      if (isBehind()) await this.join('wait')
    },
    become(id, from) {
      beginAnew()
      joined = undefined
      joining = undefined
      clientId = id
      aliases = [id]
      beginRun()
      knownRun = runs
      parent = Promise.resolve(from)
    },
    facts: presentFacts,
    location: async () => located ?? (await facts),
    factsAre(promise) {
      const before = facts
      knowWhere(Promise.all([before, promise]).then(([{ run }, fresh]) => defined({ ...fresh, run })))
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

/** Coming back by itself would undo what the operator or the agent decided. */
export function isEndedOnPurpose(error: unknown): boolean {
  if (!(error instanceof BusError) || error.code !== 'session_ended') return false
  return error.details?.reason === ENDED.left || error.details?.reason === ENDED.expelled
}

/** The hub does not know this session any more: its store is another one, or it was swept while the machine slept. */
export function isUnknown(error: unknown): boolean {
  if (!(error instanceof BusError) || isEndedOnPurpose(error)) return false
  return error.code === 'session_ended' || error.code === 'unauthenticated'
}
