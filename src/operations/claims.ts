import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { type Claim, DEFAULT_CLAIM_TTL_SECONDS } from '../bus/claim.ts'
import { defined } from '../bus/defined.ts'
import { duration } from '../bus/duration.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { noteOf } from '../bus/note-of.ts'
import type { Place } from '../bus/place.ts'
import { say } from '../bus/say.ts'
import { shareOf } from '../bus/share.ts'
import { committed } from './commit.ts'
import { type Call, defineOperation } from './operation.ts'
import { areaCalled, placed, placedIn } from './places.ts'
import { mayRead, ownSession } from './require-session.ts'
import { glob, note, pathFacts, seenText, time } from './shapes.ts'

const token = z.int().min(1)
/** As `list_claims` shows it. */
const repo = seenText(300)

export const claim = defineOperation({
  name: 'claim',
  title: 'Claim a path or glob for yourself',
  description:
    'Claim a path or glob before you edit it: repo-relative or absolute, one for all worktrees of a repo; a folder (conf.d/ with a slash) covers what is in it. Refused if another session holds one that meets it. Call again to renew; token renews only that claim.',
  toolset: 'claims',
  scope: 'publish',
  effect: 'write',
  takesPath: true,
  input: z.strictObject({
    path: glob,
    ttl_seconds: z.int().min(1).max(LIMITS.claimTtlSeconds).optional().describe('default 1800'),
    note: note.optional().describe('what for'),
    token: token.optional(),
    facts: pathFacts.optional(),
  }),
  output: z.object({
    path: z.string(),
    repo: z.string().optional(),
    token: z.int(),
    expires_at: time,
    renewed: z.boolean(),
  }),
  command: {
    positionals: ['path'],
    examples: ['claim "src/api/**" --note "new auth"', 'claim src/db.ts --ttl-seconds 600'],
  },
  async run(call, input) {
    const session = ownSession(call)
    const place = await placed(call, input.path, input.facts)
    const commit = await call.commit(
      [
        defined({
          kind: 'claim',
          ...place,
          sessionId: session.id,
          ttlMs: (input.ttl_seconds ?? DEFAULT_CLAIM_TTL_SECONDS) * 1000,
          note: input.note,
          token: input.token,
          maxGranted: shareOf(call.caller, 'claims')?.max,
        }),
      ],
      call.key,
    )
    if (!commit.ok && commit.conflict.code === 'claim_held')
      throw await held(call, place, commit.conflict.claim, commit.at)
    const [{ claim: taken, renewed }] = committed(commit)
    return defined({
      path: taken.path,
      repo: shownArea(call, taken.area, input.facts?.repo),
      token: taken.token,
      expires_at: new Date(taken.expiresAt).toISOString(),
      renewed,
    })
  },
})

async function held(call: Call, place: Place, by: Claim, now: number): Promise<BusError> {
  const holder = (await call.bus.store.session(by.sessionId))?.name ?? by.sessionId
  const secondsLeft = Math.ceil((by.expiresAt - now) / 1000)
  return new BusError(
    'claim_held',
    say`${place.path} ${place.path === by.path ? say('is') : say`meets ${by.path},`} held by ${holder}${noteOf(by)} for another ${duration(secondsLeft)}`,
    {
      next: say`Work on something else, or ask ${holder}.`,
      details: defined({
        holder,
        path: by.path,
        note: by.note,
        seconds_left: secondsLeft,
        expires_at: new Date(by.expiresAt).toISOString(),
      }),
    },
  )
}

export const release = defineOperation({
  name: 'release',
  title: 'Give a claim up',
  description: 'Give up a claim of yours, by the path you claimed. repo: where that is not the one you are in.',
  toolset: 'claims',
  scope: 'publish',
  effect: 'write',
  takesPath: true,
  input: z.strictObject({ path: glob, repo: repo.optional(), token: token.optional(), facts: pathFacts.optional() }),
  output: z.object({ path: z.string(), repo: z.string().optional(), held_by: z.string() }),
  command: { positionals: ['path'], examples: ['release "src/api/**"', 'release "src/api/**" --repo acme/api'] },
  async run(call, input) {
    const session = ownSession(call)
    const place = await placeMeant(call, input.path, input)
    const isOperator = session.id === OPERATOR_ID
    const commit = await call.commit(
      [
        defined({
          kind: 'release',
          area: place.area,
          path: place.path,
          // The human has the last word: the operator releases any session's claim.
          sessionId: isOperator ? undefined : session.id,
          token: input.token,
        }),
      ],
      call.key,
    )
    if (!commit.ok && commit.conflict.code === 'not_found') throw await notHeld(call, place, isOperator)
    const [claim] = committed(commit)
    const holder = (await call.bus.store.session(claim.sessionId))?.name ?? claim.sessionId
    const told = input.repo ?? input.facts?.repo
    return defined({ path: claim.path, repo: shownArea(call, claim.area, told), held_by: holder })
  },
})

/** In the repository that the caller names, else where its program has seen the path. */
async function placeMeant(call: Call, path: string, { repo, facts }: Told): Promise<Place> {
  return repo === undefined ? await placed(call, path, facts) : placedIn(await areaCalled(call, repo), path)
}

interface Told {
  readonly repo?: string | undefined
  readonly facts?: z.output<typeof pathFacts> | undefined
}

/** The repository that a path lies in may be one that only others have told of. */
function shownArea(call: Call, area: string, told: string | undefined): string | undefined {
  return mayRead(call) || area === call.session?.repo || area === told ? area : undefined
}

/** A claim is released by the path that was claimed, so what meets it is what was probably meant. */
async function notHeld(call: Call, place: Place, isOperator: boolean): Promise<BusError> {
  const { area, path } = place
  const { store } = call.bus
  const meeting = { area, meets: place, limit: 1 }
  const [own] = await store.claims(isOperator ? meeting : defined({ ...meeting, sessionId: call.session?.id }))
  const [other] = own ? [] : await store.claims(meeting)
  const holder = other && ((await call.bus.store.session(other.sessionId))?.name ?? other.sessionId)
  const whose = say(isOperator ? '' : ' of yours')
  return new BusError('not_found', say`there is no claim${whose} on ${path} in ${area}`, {
    next: own
      ? say`Did you mean ${own.path}?`
      : other
        ? say`${other.path} is held by ${holder!}: only its holder or the operator can release it.`
        : say('See `list_claims`. For one in another place than here, name that place as `repo`.'),
  })
}

export const listClaims = defineOperation({
  name: 'list_claims',
  title: 'Who has claimed what',
  description: 'Claims in force by path; with path, only those that meet it; with repo, only those in it.',
  toolset: 'claims',
  scope: 'read',
  effect: 'read',
  takesPath: true,
  input: z.strictObject({ path: glob.optional(), repo: repo.optional(), facts: pathFacts.optional() }),
  output: z.object({
    claims: z.array(
      z.object({
        path: z.string(),
        repo: z.string(),
        session: z.string(),
        token: z.int(),
        note: z.string().optional(),
        expires_at: time,
        seconds_left: z.int(),
      }),
    ),
    more: z.boolean().optional(),
  }),
  command: {
    positionals: ['path'],
    aliases: ['claims'],
    examples: ['claims', 'claims src/db.ts', 'claims --repo acme/api'],
  },
  async run(call, input) {
    const { store } = call.bus
    const place = input.path === undefined ? undefined : await placeMeant(call, input.path, input)
    const area = place?.area ?? (input.repo === undefined ? undefined : await areaCalled(call, input.repo))
    const query = defined({ area, meets: place, limit: LIMITS.pageClaims + 1 })
    const [found, now] = await Promise.all([store.claims(query), store.now()])
    const meeting = found.slice(0, LIMITS.pageClaims)
    const holders = await Promise.all(meeting.map(each => store.session(each.sessionId)))
    return defined({
      claims: meeting.map((each, i) =>
        defined({
          path: each.path,
          repo: each.area,
          session: holders[i]?.name ?? each.sessionId,
          token: each.token,
          note: each.note,
          expires_at: new Date(each.expiresAt).toISOString(),
          seconds_left: Math.ceil((each.expiresAt - now) / 1000),
        }),
      ),
      more: found.length > meeting.length || undefined,
    })
  },
})
