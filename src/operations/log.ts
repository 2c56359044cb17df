import { z } from 'zod'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { wireEvent } from '../bus/event.ts'
import { LIMITS } from '../bus/limits.ts'
import type { Receipt } from '../bus/receipt.ts'
import { say } from '../bus/say.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { eventFilter } from './event-filter.ts'
import { isoTime } from './iso-time.ts'
import { type Call, defineOperation } from './operation.ts'
import { shownName } from './require-session.ts'
import { emptiableText, eventId, eventShape, level, name, receiptState, time } from './shapes.ts'
import { recipientShape, shownRecipient } from './shown-recipient.ts'
import { noteReadInLog } from './talk.ts'

/** Receipts shown of a broadcast with very many recipients. */
const MAX_RECEIPTS = 200

export const messageStatus = defineOperation({
  name: 'message_status',
  title: 'What became of an event, recipient by recipient',
  description:
    'Receipts of an event: stored, offered, consumed (with proof), answered, or held/expired/undeliverable/taken_over.',
  toolset: 'talk',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({ event_id: eventId }),
  output: z.object({
    event_id: z.int(),
    from: z.string(),
    channel: z.string(),
    at: time,
    held: z.string().optional().describe('why nobody gets it'),
    continued_as: z.int().optional().describe('the event as which the operator let it through'),
    continues: z.int().optional().describe('the held event that goes on as this one'),
    receipts: z.array(
      recipientShape.extend({
        state: receiptState,
        route: z.string().optional(),
        offered_at: time.optional(),
        proof: z.string().optional(),
        consumed_at: time.optional(),
        answered_by: z.int().optional(),
        reason: z.string().optional(),
        taken_over_by: z.string().optional().describe('the session that has it now'),
      }),
    ),
  }),
  command: { positionals: ['event_id'], aliases: ['receipts'], examples: ['message-status 42'] },
  async run(call, input) {
    const { store } = call.bus
    const event = await store.event(input.event_id)
    if (!event) throw new BusError('not_found', say`there is no event ${input.event_id}`)
    const receipts = await store.receipts(event.id, MAX_RECEIPTS)
    const recipients = await Promise.all(receipts.map(receipt => recipientOf(call, receipt)))
    const takers = await Promise.all(receipts.map(({ takenBy }) => takenBy && takerOf(call, takenBy)))
    return defined({
      event_id: event.id,
      from: event.senderName,
      channel: event.channels.join(' '),
      at: new Date(event.at).toISOString(),
      held: event.held,
      continued_as: event.held === undefined ? undefined : await continuationOf(store, event.id),
      continues: event.continues,
      receipts: receipts.map((receipt, i) =>
        defined({
          ...recipients[i]!,
          state: receipt.state,
          route: receipt.route,
          offered_at: isoTime(receipt.offeredAt),
          proof: receipt.proof,
          consumed_at: isoTime(receipt.consumedAt),
          answered_by: receipt.answeredBy,
          reason: receipt.reason,
          taken_over_by: takers[i],
        }),
      ),
    })
  },
})

async function continuationOf(store: StoreReads, held: number): Promise<number | undefined> {
  const { events } = await store.events({ continues: held, after: held, order: 'asc', limit: 1 })
  return events[0]?.id
}

/** One that was forgotten since is known by its name alone. */
async function recipientOf(call: Call, { sessionId, sessionName }: Receipt) {
  const session = sessionName === undefined ? await call.bus.store.session(sessionId) : undefined
  return session === undefined ? { session: sessionName ?? sessionId } : shownRecipient(call, session)
}

async function takerOf(call: Call, sessionId: string): Promise<string> {
  const session = await call.bus.store.session(sessionId)
  return session === undefined ? sessionId : shownName(call, session)
}

export const getEvents = defineOperation({
  name: 'get_events',
  title: 'Read the log',
  description:
    'Read or search the log. Newest first unless after is given. Moves no cursor and marks nothing as read. next continues: as after (asc) or before (desc).',
  toolset: 'talk',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({
    after: eventId.optional(),
    before: eventId.optional(),
    channel: name.optional().describe('all, repo:R, topic:T, a session name …'),
    types: z.array(name).max(20).optional(),
    from: name.optional(),
    thread: name.optional(),
    min_level: level.optional(),
    query: emptiableText(200).optional().describe('words that must all occur'),
    order: z.enum(['asc', 'desc']).optional(),
    limit: z.int().min(1).max(LIMITS.pageEvents).optional().describe('default 50'),
  }),
  output: z.object({
    events: z.array(eventShape),
    next: z.int().optional(),
    has_more: z.boolean(),
    trimmed_before: z.int().optional().describe('events up to this id may have been pruned'),
  }),
  command: {
    aliases: ['events', 'log'],
    examples: ['events --channel all --limit 20', 'events --query "flaky test" --json'],
  },
  async run(call, input) {
    const { store } = call.bus
    const order = input.order ?? (input.after === undefined ? 'desc' : 'asc')
    const { events, more } = await store.events(
      defined({
        after: input.after,
        before: input.before,
        ...(await eventFilter(store, input)),
        query: input.query,
        order,
        limit: input.limit ?? 50,
      }),
    )
    const isAskedFor = [input.channel, input.from, input.thread].some(each => each !== undefined)
    await noteReadInLog(call, events, isAskedFor)
    const next = events.at(-1)?.id ?? input.after
    const { prunedUpTo } = await store.bounds()
    return defined({
      events: events.map(wireEvent),
      next: next,
      has_more: more,
      trimmed_before: prunedUpTo > (input.after ?? 0) && order === 'asc' ? prunedUpTo + 1 : undefined,
    })
  },
})
