import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { sharedGitVerbs } from '../bus/git-verbs.ts'
import { covers } from '../bus/glob.ts'
import { LIMITS } from '../bus/limits.ts'
import { presenceOf } from '../bus/session.ts'
import { committed } from './commit.ts'
import { type Call, defineOperation } from './operation.ts'
import { placed } from './places.ts'
import { ownSession } from './require-session.ts'
import { path } from './shapes.ts'

/** Sessions of one worktree that are looked at; nobody runs more in one. */
const MAX_NEIGHBOURS = 200

const decision = z.enum(['none', 'warn', 'ask', 'deny'])

export const checkEdit = defineOperation({
  name: 'check_edit',
  title: 'Whether a file may be edited',
  description: 'For session processes: what the claims of other sessions say to an edit of this file.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'read',
  provesReading: false,
  input: z.strictObject({ path }),
  output: z.object({ decision, reason: z.string().optional() }),
  command: {},
  async run(call, input) {
    const { store, onClaimedEdit } = call.bus
    const session = ownSession(call)
    const place = await placed(call, input.path)
    const claims = await store.claims({ area: place.area })
    const meeting = claims.find(claim => claim.sessionId !== session.id && covers(claim.path, place.path))
    if (!meeting) return { decision: 'none' as const }
    const [holder, now] = await Promise.all([store.session(meeting.sessionId), store.now()])
    const why = meeting.note === undefined ? '' : ` ("${meeting.note}")`
    const minutes = Math.ceil((meeting.expiresAt - now) / 60_000)
    return {
      decision: onClaimedEdit(place.area),
      reason: `Switchboard: ${place.path} is claimed by ${holder?.name ?? 'a session that is gone'}${why} as ${meeting.path}, for another ${minutes} min. Ask ${holder?.name ?? 'the operator'} before you edit it.`,
    }
  },
})

export const noteEdit = defineOperation({
  name: 'note_edit',
  title: 'A file was edited',
  description: 'For session processes: two sessions that edit one file within ten minutes are both told.',
  toolset: 'hooks',
  scope: 'publish',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({ path }),
  output: z.object({ told: z.int() }),
  command: {},
  async run(call, input) {
    const { store, edits } = call.bus
    const session = ownSession(call)
    const place = await placed(call, input.path)
    const now = await store.now()
    let told = 0
    for (const otherId of edits.note(place, session.id, now)) {
      const other = await store.session(otherId)
      if (!other || other.endedAt !== undefined || !edits.shouldTell(place, session.id, otherId, now)) continue
      const text = (name: string) => `${name} edited ${place.path} within the last 10 minutes, and so did you.`
      committed(
        await store.commit([
          { kind: 'append', event: collision(session.id, text(other.name)) },
          { kind: 'append', event: collision(otherId, text(session.name)) },
        ]),
      )
      told += 2
    }
    return { told }
  },
})

/** Told without ringing: whoever edits is at work, and the next hook brings it. */
function collision(sessionId: string, text: string) {
  return {
    type: 'edit_collision',
    channels: [`session:${sessionId}`],
    senderId: 'system',
    senderName: 'switchboard',
    text,
    level: 'actionable',
    urgency: 'quiet',
    hops: 0,
  } as const
}

export const checkGit = defineOperation({
  name: 'check_git',
  title: 'Whether a shell line moves ground that others stand on',
  description: 'For session processes: git commands that move branch, index or files under another live session.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'read',
  provesReading: false,
  input: z.strictObject({ command: z.string().max(LIMITS.textChars) }),
  output: z.object({ decision, reason: z.string().optional() }),
  command: {},
  async run(call, input) {
    const verbs = sharedGitVerbs(input.command)
    const others = verbs.length === 0 ? [] : await sharingWorktree(call)
    if (others.length === 0) return { decision: 'none' as const }
    return {
      decision: 'ask' as const,
      reason: `Switchboard: ${verbs.join(', ')} moves the worktree that ${others.join(', ')} work${others.length === 1 ? 's' : ''} in too.`,
    }
  },
})

async function sharingWorktree(call: Call): Promise<string[]> {
  const { store, presence } = call.bus
  const session = ownSession(call)
  if (session.worktree === undefined) return []
  const found = await store.sessions(
    defined({
      repo: session.repo,
      machine: session.repo === undefined ? session.machine : undefined,
      limit: MAX_NEIGHBOURS,
    }),
  )
  const now = await store.now()
  return found
    .filter(other => other.id !== session.id && other.id !== OPERATOR_ID)
    .filter(other => other.machine === session.machine && other.worktree === session.worktree)
    .filter(other => ['online', 'idle'].includes(presenceOf({ ...other, seenAt: presence.seenAt(other, now) }, now)))
    .map(other => other.name)
}
