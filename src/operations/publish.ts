import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { impliedLevel, impliedUrgency, type StoredEvent, threadOf } from '../bus/event.ts'
import { LIMITS } from '../bus/limits.ts'
import { type Said, say } from '../bus/say.ts'
import { isSessionId } from '../bus/session.ts'
import type { NewEvent } from '../bus/store.ts'
import { committed } from './commit.ts'
import { type Hold, heldBecause, tellOperator } from './hold.ts'
import { type Call, defineOperation } from './operation.ts'
import { type Recipients, recipientsOf, recipientsOn } from './recipients.ts'
import { mayRead, writerOf } from './require-session.ts'
import { emptiableText, eventId, jsonValue, key, level, name, receiptState, seenText, urgency } from './shapes.ts'
import { recipientShape, shownRecipient } from './shown-recipient.ts'
import { linkOf } from './talk.ts'

/** A month: what may wait longer need not expire. */
const MAX_EXPIRY_SECONDS = 31 * 24 * 3600

export const publish = defineOperation({
  name: 'publish',
  title: 'Send a message or event',
  description: 'Send to a session, role:R, topic:T, repo:R, machine:M, all, operator, or a list.',
  toolset: 'talk',
  scope: 'publish',
  effect: 'write',
  input: z.strictObject({
    text: seenText(LIMITS.textChars),
    to: z
      .union([name, z.array(name).min(1).max(LIMITS.recipients)])
      .optional()
      .describe('default: the sender of reply_to, else all'),
    type: name.optional().describe('e.g. help_needed; default message'),
    title: emptiableText(LIMITS.titleChars).optional(),
    tags: z.array(name).max(LIMITS.tags).optional(),
    level: level.optional(),
    urgency: urgency.optional().describe('default: now; to groups quiet'),
    reply_to: eventId.optional(),
    thread: name.optional(),
    key: key.optional().describe('same key, same event'),
    expires_seconds: z.int().min(1).max(MAX_EXPIRY_SECONDS).optional().describe('not shown after that'),
    data: jsonValue(LIMITS.dataChars).optional(),
  }),
  output: z.object({
    event_id: z.int(),
    level,
    recipients: z.array(recipientShape.extend({ state: receiptState })),
    more_recipients: z.boolean().optional(),
    held: z.string().optional().describe('why nobody gets it until the operator continues the chain'),
    note: z.string().optional(),
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
    const { by, byName } = writerOf(call)
    const { channels, named, isDirect, unfollowed } =
      input.to === undefined && answered !== undefined
        ? await recipientsOn(store, replyChannels(call, answered), by)
        : await recipientsOf(store, [input.to ?? 'all'].flat(), by)
    const type = input.type ?? 'message'
    const groups = channels.filter(channel => !channel.startsWith('session:'))
    const [now, link, followers] = await Promise.all([
      store.now(),
      linkOf(call, answered),
      groups.length === 0 ? [] : store.followers(groups, LIMITS.recipients + 1),
    ])
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
      ...link,
      isPrompt: by === OPERATOR_ID ? true : undefined,
      expiresAt: input.expires_seconds === undefined ? undefined : now + input.expires_seconds * 1000,
      data: input.data,
    })
    let hold = undefined as Hold | undefined
    const judge = async () => {
      hold = await heldBecause(call, event, { named, followers }, now)
      return [append(hold === undefined ? event : { ...event, held: hold.reason.text })] as const
    }
    const [stored] = committed(await call.commit([append(event)], call.key, judge))
    if (stored.held !== undefined && hold !== undefined) await tellOperator(call, stored, hold, named)
    const reached = new Map([...named, ...followers].map(session => [session.id, shownRecipient(call, session)]))
    reached.delete(by)
    const recipients = [...reached.values()].slice(0, Math.max(LIMITS.recipients, named.length))
    return defined({
      event_id: stored.id,
      level: stored.level,
      recipients: recipients.map(recipient => ({
        ...recipient,
        state: stored.held === undefined ? ('stored' as const) : ('held' as const),
      })),
      more_recipients: reached.size > recipients.length || undefined,
      held: stored.held,
      note: unfollowed.length === 0 ? undefined : noteOn(unfollowed, mayRead(call)).text,
    })
  },
})

/** Nobody may be there yet, or the name is a slip of the pen. */
function noteOn(unfollowed: Recipients['unfollowed'], mayRead: boolean): Said {
  const near = mayRead ? unfollowed.flatMap(each => each.near) : []
  const meant = near.length === 0 ? say('') : say` Did you mean ${near}?`
  return say`Nobody follows ${unfollowed.map(each => each.channel)} yet.${meant}`
}

const append = (event: NewEvent) => ({ kind: 'append', event }) as const

async function answeredEvent(call: Call, id: number): Promise<StoredEvent> {
  const event = await call.bus.store.event(id)
  if (event) return event
  throw new BusError('not_found', say`\`reply_to\`: there is no event ${id}`, {
    next: 'Ids stand in `inbox` and `get_events`.',
  })
}

/** To the sender of the message; a reply to a message of one's own goes to the channels of that message. */
function replyChannels(call: Call, { senderId, channels }: StoredEvent): readonly string[] {
  const hasInbox = senderId === OPERATOR_ID || isSessionId(senderId)
  return hasInbox && senderId !== call.caller.id ? [`session:${senderId}`] : channels
}
