import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { departure } from '../bus/departure.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { isOwnSession } from '../bus/own-sessions.ts'
import { charsOfJson, pageOf } from '../bus/page.ts'
import { say } from '../bus/say.ts'
import { ENDED, presenceOf, type Session } from '../bus/session.ts'
import { committed } from './commit.ts'
import { defineOperation } from './operation.ts'
import { overlapsAmong } from './overlaps.ts'
import { sessionCalled } from './recipients.ts'
import { resultsOfBefore } from './repeat.ts'
import { ownSession } from './require-session.ts'
import { facts, name, peerShape } from './shapes.ts'

const sessionShape = peerShape.extend({
  id: z.string(),
  agent: z.string().optional(),
  machine: z.string(),
  repo: z.string().optional(),
  worktree: z.string().optional(),
  cwd: z.string().optional(),
  pane: z.string().optional(),
  owns: z.array(z.string()).readonly().optional(),
  topics: z.array(z.string()).readonly().optional(),
  mode: z.string().optional(),
  parent: z.string().optional(),
  injected: z.object({ chars: z.int(), messages: z.int(), rings: z.int() }).optional(),
  seen_seconds_ago: z.int(),
  ended: z.string().optional(),
})

const overlap = z.object({ session: z.string(), path: z.string(), their_path: z.string() })

function shown(session: Session, seenAt: number, now: number): z.input<typeof sessionShape> {
  return defined({
    id: session.id,
    name: session.name,
    codename: session.codename,
    role: session.role,
    summary: session.summary,
    agent: session.agent,
    machine: session.machine,
    repo: session.repo,
    branch: session.branch,
    worktree: session.worktree,
    cwd: session.cwd,
    pane: session.pane,
    mode: session.mode,
    parent: session.parent,
    injected: session.injected,
    owns: session.owns.length === 0 ? undefined : session.owns,
    topics: session.topics.length === 0 ? undefined : session.topics,
    activity: session.activity,
    waiting_for: session.waitingFor,
    presence: presenceOf({ ...session, seenAt }, now),
    seen_seconds_ago: Math.max(0, Math.floor((now - seenAt) / 1000)),
    ended: session.endReason,
  })
}

export const whoami = defineOperation({
  name: 'whoami',
  title: 'Who this session is on the bus',
  description: 'Your own entry on the switchboard, and how much is unread.',
  toolset: 'talk',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({}),
  output: sessionShape.extend({ unread: z.int() }),
  command: { examples: ['whoami'] },
  async run(call) {
    const session = ownSession(call)
    const [{ pending }, now] = await Promise.all([call.bus.store.unread(session.id, 0), call.bus.store.now()])
    return { ...shown(session, call.bus.presence.seenAt(session, now), now), unread: pending }
  },
})

export const listSessions = defineOperation({
  name: 'list_sessions',
  title: 'Who is on the bus',
  description:
    'Who is here: name, role, summary, repo, branch, activity, presence (online, idle, stale, gone), and overlaps with what each owns or claims.',
  toolset: 'talk',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({
    scope: z.enum(['all', 'repo', 'machine']).optional().describe("default all; repo and machine mean the caller's"),
    include_gone: z.boolean().optional(),
    limit: z.int().min(1).max(LIMITS.pageSessions).optional(),
    facts: facts.pick({ repo: true, machine: true }).optional(),
  }),
  output: z.object({
    sessions: z.array(
      sessionShape.extend({ you: z.literal(true).optional(), overlaps: z.array(overlap).readonly().optional() }),
    ),
    unread: z.int().optional().describe("the caller's own"),
    more: z.boolean().optional(),
    more_overlaps: z.boolean().optional().describe('not all were compared, or not all are shown'),
  }),
  command: { aliases: ['sessions', 'agents', 'ps'], examples: ['sessions', 'sessions --scope repo --json'] },
  async run(call, input) {
    const { store, presence, machine } = call.bus
    const limit = input.limit ?? 100
    const scope = input.scope ?? 'all'
    // The operator is wherever the shell is, and a token anywhere: their programs say where that is.
    const own = call.session === undefined || call.session.id === OPERATOR_ID ? input.facts : call.session
    if (scope === 'repo' && own?.repo === undefined) {
      throw new BusError('invalid_input', '`scope` repo means the repo of the caller, which is in none', {
        next: 'Ask from inside a repo, or use `scope` all.',
      })
    }
    const found = await store.sessions(
      defined({
        repo: scope === 'repo' ? own?.repo : undefined,
        machine: scope === 'machine' ? (own?.machine ?? call.caller.machine ?? machine) : undefined,
        includeEnded: input.include_gone,
        limit: limit + 1,
      }),
    )
    const now = await store.now()
    const fit = pageOf(found.slice(0, limit), charsOfJson)
    const overlaps = await overlapsAmong(store, fit)
    const ownMail = call.session && (await store.unread(call.session.id, 0))
    return defined({
      sessions: fit.map(session =>
        defined({
          ...shown(session, presence.seenAt(session, now), now),
          you: session.id === call.session?.id || undefined,
          overlaps: overlaps.bySession.get(session.id),
        }),
      ),
      unread: ownMail?.pending,
      more: found.length > fit.length || undefined,
      more_overlaps: !overlaps.areAll || undefined,
    })
  },
})

export const unregister = defineOperation({
  name: 'unregister',
  title: 'Leave the bus',
  description: 'Leave the switchboard: your claims end, your mail is kept for when you resume.',
  toolset: 'talk',
  scope: 'publish',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({
    session: name.optional().describe('the operator may expel another session'),
  }),
  output: z.object({ session_id: z.string(), name: z.string(), released_claims: z.int() }),
  command: { positionals: ['session'], aliases: ['leave'], examples: ['unregister'] },
  async run(call, input) {
    const session = input.session === undefined ? ownSession(call) : await sessionCalled(call.bus.store, input.session)
    if (session.id !== call.session?.id && !call.caller.scopes.has('admin')) {
      throw new BusError('forbidden', say`only the operator may end another session, such as ${input.session!}`)
    }
    if (isOwnSession(session)) throw new BusError('invalid_input', say`${session.name} cannot leave`)
    // It may come back by itself after all else that ended it.
    const reason = session.id === call.session?.id ? ENDED.left : ENDED.expelled
    if (session.endedAt !== undefined) {
      if (reason === ENDED.expelled) committed(await call.commit([{ kind: 'endSession', id: session.id, reason }]))
      return { session_id: session.id, name: session.name, released_claims: 0 }
    }
    const [ended] = committed(
      await call.commit(
        [
          { kind: 'endSession', id: session.id, reason },
          { kind: 'append', event: departure(session, reason) },
        ],
        call.key,
      ),
    )
    return { session_id: session.id, name: session.name, released_claims: ended.releasedClaims }
  },
})

export const readmit = defineOperation({
  name: 'readmit',
  title: 'Let an expelled session in again',
  description:
    'A session that the operator ended stays out. This lets it register again; its old credential stays void.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({ session: name }),
  output: z.object({ session_id: z.string(), name: z.string() }),
  command: { positionals: ['session'], examples: ['readmit backend'] },
  async run(call, input) {
    const commands = (id: string) => [{ kind: 'updateSession', id, patch: {}, readmit: true }] as const
    const before = await resultsOfBefore(call, commands(''))
    if (before) return { session_id: before[0].id, name: before[0].name }
    const session = await sessionCalled(call.bus.store, input.session)
    if (session.endReason !== ENDED.expelled) {
      throw new BusError('not_found', say`expected a session that was expelled; ${session.name} was not`, {
        next: 'See `list_sessions` with `include_gone`.',
      })
    }
    committed(await call.commit(commands(session.id), call.key))
    return { session_id: session.id, name: session.name }
  },
})

export const listChannels = defineOperation({
  name: 'list_channels',
  title: 'Channels, and how many follow each',
  description: 'Channels you can publish to and how many sessions follow each. Every session also has its own.',
  toolset: 'talk',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({
    channels: z.array(z.object({ channel: z.string(), followers: z.int() })),
    more: z.boolean().optional(),
  }),
  command: { aliases: ['channels'], examples: ['channels'] },
  async run(call) {
    const found = await call.bus.store.channels(LIMITS.pageChannels + 1)
    const channels = found.slice(0, LIMITS.pageChannels)
    return defined({ channels, more: found.length > channels.length || undefined })
  },
})
