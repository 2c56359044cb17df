import { z } from 'zod'
import { DEFAULT_TOKEN_SCOPES, SCOPES } from '../bus/access.ts'
import { cutTo } from '../bus/cut.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { rootOf } from '../bus/loops.ts'
import { type Said, say } from '../bus/say.ts'
import { cleanName } from '../bus/session-name.ts'
import type { NewEvent } from '../bus/store.ts'
import type { Token } from '../bus/token.ts'
import { committed } from './commit.ts'
import { isoTime } from './iso-time.ts'
import { pruneAndTell } from './notices.ts'
import { type Call, defineOperation } from './operation.ts'
import { inPieces, keyOfCommit } from './pieces.ts'
import { writerOf } from './require-session.ts'
import { eventId, label, name, time } from './shapes.ts'

const DAY_MS = 24 * 3600_000
const days = z.number().min(0).max(36_500)

export const prune = defineOperation({
  name: 'prune',
  title: 'Forget old events',
  description:
    'Forget events by age or count. What some session has not read is never touched; forget_ended_days first forgets sessions that ended so long ago, with their mail.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({
    older_than_days: days.optional(),
    keep_newest: z.int().min(0).optional(),
    forget_ended_days: days.optional(),
    dry_run: z.boolean().optional(),
  }),
  output: z.object({
    events: z.int().describe('forgotten'),
    sessions: z.int().describe('forgotten'),
    kept_unread: z.int().describe('old enough, but unread by someone'),
  }),
  command: { examples: ['prune --older-than-days 30 --dry-run', 'prune --keep-newest 100000'] },
  async run(call, input) {
    if (
      input.older_than_days === undefined &&
      input.keep_newest === undefined &&
      input.forget_ended_days === undefined
    ) {
      throw new BusError('invalid_input', 'expected `older_than_days`, `keep_newest` or `forget_ended_days`, got none')
    }
    const done = await pruneAndTell(
      call,
      defined({
        olderThanMs: inMs(input.older_than_days),
        keepNewest: input.keep_newest,
        forgetEndedMs: inMs(input.forget_ended_days),
        dryRun: input.dry_run,
      }),
      call.key,
    )
    return { events: done.events, sessions: done.sessions, kept_unread: done.keptUnread }
  },
})

function inMs(days: number | undefined): number | undefined {
  return days === undefined ? undefined : days * DAY_MS
}

export const continueChain = defineOperation({
  name: 'continue_chain',
  title: 'Let a held message through',
  description: 'Send a held message on, as the first of a new chain. Only the operator can.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({ event_id: eventId }),
  output: z.object({ event_id: z.int() }),
  command: { positionals: ['event_id'], aliases: ['continue'], examples: ['continue 42'] },
  async run(call, input) {
    const { store, wakes } = call.bus
    const event = await store.event(input.event_id)
    if (event?.held === undefined) {
      throw new BusError('not_found', say`there is no held event ${input.event_id}`, {
        next: 'Receipts and the answer to `publish` say what is held.',
      })
    }
    wakes.forgive([event.senderId])
    const { id: _, at: __, held: ___, expiresAt: ____, root: _____, ...again } = event
    // However often it is asked for, it goes on once.
    const once = { scope: 'continue_chain', key: String(event.id), fingerprint: '' }
    for await (const _ of inPieces(
      call,
      { kind: 'beginTalks', root: rootOf(event) },
      { ...once, scope: 'begin_talks' },
    ));
    const [, stored] = committed(
      await call.commit(
        [
          { kind: 'beginTalk', sessionId: event.senderId },
          { kind: 'append', event: { ...again, hops: 0, isPrompt: true, continues: event.id } },
        ],
        once,
      ),
    )
    return { event_id: stored.id }
  },
})

const tokenShape = z.object({
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)).readonly(),
  machine: z.string().optional(),
  created_at: time,
  revoked_at: time.optional(),
})

function shown(token: Token): z.input<typeof tokenShape> {
  return defined({
    name: token.name,
    scopes: token.scopes,
    machine: token.machine,
    created_at: new Date(token.createdAt).toISOString(),
    revoked_at: isoTime(token.revokedAt),
  })
}

export const createToken = defineOperation({
  name: 'create_token',
  title: 'Make a credential for a script or another machine',
  description: 'Make a token. Its secret is shown once. Default scopes: read, publish.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({
    name,
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).optional(),
    machine: label.optional().describe('sessions registered with it live on this machine; default: its name'),
  }),
  output: tokenShape.extend({ token: z.string() }),
  command: {
    positionals: ['name'],
    aliases: ['token create'],
    examples: ['token create ci', 'token create laptop --scopes read,publish,terminal'],
  },
  async run(call, input) {
    const clean = cleanName(input.name)
    if (clean !== input.name) {
      throw new BusError('invalid_input', say`\`name\`: expected one that a session could have, got ${input.name}`, {
        next: say`${clean} would be one.`,
      })
    }
    const secret = call.bus.newTokenSecret(call.key)
    const hash = call.bus.digest(secret)
    const commit = await call.commit(
      [
        {
          kind: 'putToken',
          token: {
            id: `tok_${cutTo(hash, 16)}`,
            name: input.name,
            hash,
            scopes: input.scopes ?? DEFAULT_TOKEN_SCOPES,
            machine: input.machine ?? input.name,
          },
        },
      ],
      call.key,
    )
    if (!commit.ok && commit.conflict.code === 'identity_taken' && commit.conflict.what === 'id') {
      throw new BusError('key_reused', 'a token was made with this key before', { next: 'Use a fresh key.' })
    }
    if (!commit.ok && commit.conflict.code === 'identity_taken') {
      throw new BusError('identity_taken', say`there is a token called ${input.name} already`, {
        next: 'Revoke it first, or choose another name.',
      })
    }
    const [token] = committed(commit)
    if (token.hash !== hash) {
      throw new BusError('key_reused', say`the token ${input.name} was made, but its secret cannot be shown again`, {
        next: 'Revoke it, and make another with a fresh key.',
      })
    }
    return { ...shown(token), token: secret }
  },
})

export const listTokens = defineOperation({
  name: 'list_tokens',
  title: 'List tokens',
  description: 'Tokens with scopes and machine, without their secrets.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({ tokens: z.array(tokenShape) }),
  command: { aliases: ['token list'], examples: ['token list'] },
  async run(call) {
    return { tokens: (await call.bus.store.tokens()).map(shown) }
  },
})

export const narrowToken = defineOperation({
  name: 'narrow_token',
  title: 'Take scopes from a token',
  description: 'Leave a token only these of its scopes, and its sessions no others, at once.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({ name, scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length) }),
  output: tokenShape,
  command: { positionals: ['name'], aliases: ['token narrow'], examples: ['token narrow ci --scopes publish'] },
  async run(call, input) {
    const present = await tokenCalled(call, input.name)
    const more = input.scopes.filter(scope => !present.scopes.includes(scope))
    if (more.length > 0) {
      throw new BusError(
        'invalid_input',
        say`expected some of the scopes of ${input.name} (${present.scopes}), got ${more} too`,
        { next: 'A token never gets more: make another with `switchboard token create`.' },
      )
    }
    const [{ token }] = committed(
      await call.commit(
        [
          { kind: 'narrowToken', ...input },
          {
            kind: 'append',
            event: tokenEvent(call, 'narrowed', say`The token ${input.name} has only ${input.scopes} left`),
          },
        ],
        call.key,
      ),
    )
    return shown(token)
  },
})

export const revokeToken = defineOperation({
  name: 'revoke_token',
  title: 'Revoke a token, and end its sessions',
  description: 'Revoke a token and end the sessions that were registered with it, at once.',
  toolset: 'admin',
  scope: 'admin',
  effect: 'write',
  input: z.strictObject({ name }),
  output: tokenShape.extend({ ended_sessions: z.int() }),
  command: { positionals: ['name'], aliases: ['token revoke'], examples: ['token revoke ci'] },
  async run(call, input) {
    const revoke = { kind: 'revokeToken', name: input.name } as const
    const commit = await call.commit(
      [revoke, { kind: 'append', event: tokenEvent(call, 'revoked', say`The token ${input.name} is revoked`) }],
      call.key,
    )
    if (!commit.ok && commit.conflict.code === 'not_found') throw noToken(input.name)
    const [{ token, ended, next }] = committed(commit)
    let sessions = ended.length
    if (next !== undefined) {
      const rest = inPieces(call, { ...revoke, from: next }, call.key && keyOfCommit(call.key, 1))
      for await (const more of rest) sessions += more.ended.length
    }
    return { ...shown(token), ended_sessions: sessions }
  },
})

async function tokenCalled(call: Call, name: string): Promise<Token> {
  const token = (await call.bus.store.tokens()).find(each => each.name === name && each.revokedAt === undefined)
  if (token) return token
  throw noToken(name)
}

function noToken(name: string): BusError {
  return new BusError('not_found', say`there is no token called ${name}`, { next: 'See `switchboard token list`.' })
}

/** Kept in the log; it also wakes the calls that wait on the token's authority, which check it again. */
function tokenEvent(call: Call, what: 'narrowed' | 'revoked', { text }: Said): NewEvent {
  const { by, byName } = writerOf(call)
  return {
    type: `token_${what}`,
    channels: ['all'],
    senderId: by,
    senderName: byName,
    text,
    level: 'lifecycle',
    urgency: 'quiet',
    hops: 0,
  }
}
