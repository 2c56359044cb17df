import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import type { Event } from '../bus/event.ts'
import type { CallOptions, Client, InputOf, OperationName, OutputOf } from '../client/index.ts'
import { catalog } from '../operations/catalog.ts'
import type { CallContext } from '../transports/mcp/server.ts'
import { withFreshRepository } from '../workspace/facts.ts'
import { withPathFacts } from '../workspace/paths.ts'
import { followMail } from './follow-mail.ts'
import { createMembership, isUnknown, type Joined, type Membership, type MembershipOptions } from './membership.ts'
import { whileHubLives } from './while-hub-lives.ts'

/** A session's tie to the hub: its calls, and the stream that brings its mail. */
export interface HubLink {
  call(operation: string, input: Record<string, unknown>, context: CallContext): Promise<unknown>
  /** Mail for this session as it comes; it is still unread. */
  onMail(listener: (events: readonly Event[]) => void): void
  /** The hub is there (again): what happened before is not in the stream. */
  onReady(listener: () => void): void
  /** What the process asks for itself. Never starts a hub; `deadlineMs` is how long one that is away is waited for. */
  ask<N extends OperationName>(name: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>
  readonly membership: Pick<Membership, 'heads' | 'moveTo' | 'become' | 'factsAre'>
  close(): Promise<void>
}

/** The longest a tool waits for a hub that is away: two seconds, less what a loaded machine adds. */
const AWAY_MS = 1_500

const TAKES_PATH = new Set(catalog.filter(entry => entry.takesPath).map(entry => entry.name))

/** How long a hook waits for git to name a repository of which nobody here has asked before; half of its own patience. */
const HOOK_GIT_MS = 75

export function createHubLink(
  options: Omit<MembershipOptions, 'signal'>,
  { awayMs = AWAY_MS }: { readonly awayMs?: number } = {},
): HubLink {
  const closing = new AbortController()
  const { signal } = closing
  const membership = createMembership({ ...options, signal })
  const listeners = new Set<(events: readonly Event[]) => void>()
  const onMail = (events: readonly Event[]) => {
    for (const listener of listeners) listener(events)
  }
  const whenReady = new Set<() => void>()
  let isReady = false
  const onReady = () => {
    isReady = true
    for (const listener of whenReady) listener()
  }
  const following = followMail({ membership, onMail, onReady, log: options.log, signal })

  async function call(operation: string, input: Record<string, unknown>, context: CallContext): Promise<unknown> {
    const deadline = performance.now() + awayMs
    const leftMs = () => Math.max(1, deadline - performance.now())
    const session = await within(leftMs(), membership.join('start'))
    const body =
      operation === 'register'
        ? { ...input, facts: await membership.facts() }
        : await located(operation, input, session.client)
    const key = context.toolUseId === undefined ? {} : { key: context.toolUseId }
    const perform = ({ client }: Joined) =>
      whileHubLives(client, { signal: context.signal, awayUntil: deadline }, signal =>
        client.request('POST', `/v1/${operation}`, { body, signal, deadlineMs: leftMs(), ...key }),
      )
    try {
      return await perform(session)
    } catch (error) {
      if (!isUnknown(error) || (membership.hasLeft && operation !== 'register')) throw error
      membership.drop(session)
      return await perform(await within(leftMs(), membership.join('start')))
    }
  }

  /** With what only this side sees of a path. The hub hears first that the repository around the session has a new name. */
  async function located(
    operation: string,
    input: Record<string, unknown>,
    client: Client,
    options: { maxGitMs?: number } = {},
  ): Promise<Record<string, unknown>> {
    if (!TAKES_PATH.has(operation)) return input
    const known = await membership.location()
    const present = await withFreshRepository(known)
    const { repo, worktree, gitdir } = present
    if (repo !== undefined && repo !== known.repo) {
      membership.factsAre(Promise.resolve(present))
      await client.call('heartbeat', { facts: defined({ repo, worktree, gitdir }) })
    }
    return await withPathFacts(input, present, options)
  }

  return {
    async call(operation, input, context) {
      const output = await call(operation, input, context)
      if (operation === 'unregister' && input.session === undefined) membership.leave()
      if (operation === 'register') membership.comeBack()
      return output
    },
    onMail: listener => void listeners.add(listener),
    onReady(listener) {
      whenReady.add(listener)
      if (isReady) listener()
    },
    async ask(name, input, { deadlineMs = 0, ...rest } = {}) {
      if (membership.hasLeft) throw new BusError('session_ended', 'this session has left the switchboard')
      const { watcher } = await membership.join('wait')
      const told = await located(name, input, watcher, { maxGitMs: HOOK_GIT_MS })
      return await watcher.call(name, told as typeof input, { deadlineMs, ...rest })
    },
    membership,
    async close() {
      closing.abort()
      await following
      await membership.close()
    },
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timer = new AbortController()
  // Goes on in the background when the time is up; then nobody is left to hear how it failed.
  promise.catch(() => undefined)
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new BusError('hub_unavailable', 'the hub is not there yet', {
      next: 'Go on with your work and try again in a moment: it is being started.',
    })
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}
