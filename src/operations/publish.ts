import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { impliedLevel, impliedUrgency, type StoredEvent, threadOf } from '../bus/event.ts'
import { LIMITS } from '../bus/limits.ts'
import { heldBecause } from '../bus/loops.ts'
import { retold, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { NewEvent } from '../bus/store.ts'
import { committed } from './commit.ts'
import { noticeTo } from './notices.ts'
import { type Call, defineOperation } from './operation.ts'
import { recipientsOf } from './recipients.ts'
import { writerOf } from './require-session.ts'
import { eventId, jsonValue, key, level, name, receiptState, urgency } from './shapes.ts'

/** A month: what may wait longer need not expire. */
const MAX_EXPIRY_SECONDS = 31 * 24 * 3600

export const publish = defineOperation({
  name: 'publish',
  title: 'Send a message or event',
  description:
    'Send to a session (name or codename), role:R, topic:T, repo:R, machine:M, all, operator, or a list. Stored until read. With reply_to it goes back to the sender by default. No acknowledgements please: receipts do that.',
  toolset: 'talk',
  scope: 'publish',
  effect: 'write',
  input: z.strictObject({
    text: z.string().min(1).max(LIMITS.textChars),
    to: z
      .union([name, z.array(name).min(1).max(LIMITS.recipients)])
      .optional()
      .describe('default all, or the sender of reply_to'),
    type: name.optional().describe('default message; e.g. task_completed, help_needed, ci_failed'),
    title: z.string().max(LIMITS.titleChars).optional(),
    tags: z.array(name).max(LIMITS.tags).optional(),
    level: level.optional(),
    urgency: urgency.optional().describe('now interrupts; default now to a session, quiet to groups'),
    reply_to: eventId.optional(),
    thread: name.optional(),
    key: key.optional().describe('same key = same event, for retries'),
    expires_seconds: z
      .int()
      .min(1)
      .max(MAX_EXPIRY_SECONDS)
      .optional()
      .describe('who has not read it by then never does'),
    data: jsonValue(LIMITS.dataChars).optional(),
  }),
  output: z.object({
    event_id: z.int(),
    level,
    recipients: z.array(z.object({ session: z.string(), state: receiptState })),
    more_recipients: z.boolean().optional(),
    held: z.string().optional().describe('why nobody gets it until the operator continues the chain'),
  }),
  keyOf: input => input.key,
  command: {
    positionals: ['text'],
    aliases: ['send', 'say'],
    examples: ['publish "rebased onto main" --to backend', 'publish "API is up" --to role:frontend --type api_ready'],
  },
  async run(call, input) {
    const { store } = call.bus
    const answered = input.reply_to === undefined ? undefined : await answeredEvent(call, input.reply_to)
    const written = input.to ?? (answered ? defaultReply(call, answered) : 'all')
    const { channels, named, isDirect } = await recipientsOf(store, typeof written === 'string' ? [written] : written)
    const type = input.type ?? 'message'
    const { by, byName } = writerOf(call)
    const hops = answered === undefined ? 0 : answered.hops + (answered.senderId === by ? 0 : 1)
    const now = await store.now()
    const event: NewEvent = defined({
      type,
      channels,
      senderId: by,
      senderName: byName,
      text: input.text,
      title: input.title,
      tags: input.tags,
      level: input.level ?? impliedLevel(type, isDirect),
      urgency: input.urgency ?? impliedUrgency(isDirect),
      replyTo: answered?.id,
      thread: input.thread ?? (answered && threadOf(answered)),
      hops: by === OPERATOR_ID ? 0 : hops,
      held: heldFor(call, by, named, hops, now),
      expiresAt: input.expires_seconds === undefined ? undefined : now + input.expires_seconds * 1000,
      data: input.data,
    })
    const [stored] = committed(await store.commit([{ kind: 'append', event }], call.key))
    if (stored.held !== undefined) await tellOperator(call, stored, named)
    const groups = channels.filter(channel => !channel.startsWith('session:'))
    const followers = groups.length === 0 ? [] : await store.followers(groups, LIMITS.recipients + 1)
    const reached = new Map([...named, ...followers].map(session => [session.id, session.name]))
    reached.delete(by)
    const recipients = [...reached.values()].slice(0, Math.max(LIMITS.recipients, named.length))
    return defined({
      event_id: stored.id,
      level: stored.level,
      recipients: recipients.map(session => ({
        session,
        state: stored.held === undefined ? ('stored' as const) : ('held' as const),
      })),
      more_recipients: reached.size > recipients.length || undefined,
      held: stored.held,
    })
  },
})

/** The operator is never held, and has looked at whatever those that it writes to are doing. */
function heldFor(call: Call, by: string, named: readonly Session[], hops: number, now: number): string | undefined {
  const { turns } = call.bus
  if (by === OPERATOR_ID) {
    for (const { id } of named) turns.forgive(id)
    return undefined
  }
  return heldBecause(hops, Math.max(0, ...named.map(({ id }) => turns.note(by, id, now))))
}

/** The sender has it in its answer; whoever can let the message through must not have to look for it. */
async function tellOperator(call: Call, held: StoredEvent, named: readonly Session[]): Promise<void> {
  const to = named.length === 0 ? held.channels : named.map(session => session.name)
  const text = say`Message ${held.id} from ${held.senderName} to ${to} is held: ${retold(held.held ?? '')}. \`continue ${held.id}\` lets it through.`
  const once = { scope: 'held notice', key: String(held.id), fingerprint: '' }
  const notice = { kind: 'append', event: noticeTo(OPERATOR_ID, text, held.id) } as const
  committed(await call.bus.store.commit([notice], once))
}

async function answeredEvent(call: Call, id: number): Promise<StoredEvent> {
  const event = await call.bus.store.event(id)
  if (event) return event
  throw new BusError('not_found', say`reply_to: there is no event ${id}`, {
    next: 'Ids stand in `inbox` and `get_events`.',
  })
}

/** Back to whoever wrote it; an answer to one's own message goes where that went. */
function defaultReply(call: Call, answered: StoredEvent): string | string[] {
  if (answered.senderId === call.caller.id) return [...answered.channels]
  if (answered.senderId === OPERATOR_ID || answered.senderId.startsWith('ses_')) return answered.senderId
  return [...answered.channels]
}
