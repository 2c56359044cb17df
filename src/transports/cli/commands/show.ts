import { BusError } from '../../../bus/errors.ts'
import { type Event, threadOf } from '../../../bus/event.ts'
import { quoted, say } from '../../../bus/say.ts'
import type { Client } from '../../../client/index.ts'
import type { Invocation } from '../command.ts'
import { actor } from '../identity.ts'
import { messageText, type ShownMessage } from '../render/message.ts'
import { createSessionNames } from '../session-names.ts'

/** More of a long thread is for `events --thread`. */
const THREAD_EVENTS = 50

/** One message in full, with what stands in its thread and what became of it: what three questions to the hub give. */
export async function show(invocation: Invocation): Promise<number> {
  const { io, global, args } = invocation
  const id = eventIdIn(args[0])
  const { client } = await actor(invocation)
  try {
    const shown = await lookUp(client, id, io.signal)
    if (global.isJson) {
      io.out.json(shown)
      return 0
    }
    const names = createSessionNames(client)
    await names.learn([shown.event, ...shown.thread.events].map(({ channel }) => channel).join(' '))
    io.out.line(messageText(shown, io.out.look, names.nameOf))
    return 0
  } finally {
    await client.close()
  }
}

async function lookUp(client: Client, id: number, signal: AbortSignal): Promise<ShownMessage> {
  // First, because it says that there is none.
  const status = await client.call('message_status', { event_id: id }, { signal })
  const { events } = await client.call('get_events', { after: id - 1, before: id + 1 }, { signal })
  const event = events[0] as Event | undefined
  if (event === undefined) throw new BusError('not_found', say`there is no event ${id} any more`)
  const thread = threadOf(event)
  const around = await client.call('get_events', { thread, order: 'asc', limit: THREAD_EVENTS }, { signal })
  const { event_id: _, from: __, channel: ___, at: ____, ...outcome } = status
  return {
    event,
    ...outcome,
    thread: { id: thread, events: around.events as Event[], has_more: around.has_more },
  }
}

/** `42`, or `#42` as lists show it. */
function eventIdIn(typed: string | undefined): number {
  const id = /^#?(\d{1,15})$/.exec(typed ?? '')?.[1]
  if (id !== undefined && Number(id) > 0) return Number(id)
  throw new BusError(
    'invalid_input',
    say`show: expected <event-id>, a number from 1, got ${typed === undefined ? say('none') : quoted(typed)}`,
    { next: 'For example: `switchboard show 42`. `switchboard events` lists the ids.' },
  )
}
