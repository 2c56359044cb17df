import type { Event } from '../../../bus/event.ts'
import { indented, lines, printed, type Said, say } from '../../../bus/say.ts'
import type { OutputOf } from '../../../client/index.ts'
import { channelText, eventLine, letter, type NameOf } from './events.ts'
import type { Look } from './look.ts'
import { outcomeText } from './renderers.ts'

/** What three questions to the hub give. */
export interface ShownMessage extends Omit<OutputOf<'message_status'>, 'event_id' | 'from' | 'channel' | 'at'> {
  readonly event: Event
  readonly thread: { readonly id: string; readonly events: readonly Event[]; readonly has_more: boolean }
}

/** A message with nothing left out, what became of it, and the other messages of its thread. */
export function messageText({ event, thread, ...outcome }: ShownMessage, look: Look, nameOf: NameOf): Said {
  const others = thread.events.some(({ id }) => id !== event.id)
  const status = { ...outcome, event_id: event.id, from: event.from, channel: event.channel, at: event.at }
  return lines(
    letter(event, look, channelText(event.channel, nameOf)),
    event.data !== undefined && indented(printed(event.data, 2)),
    say`\n${outcomeText(status, look)}`,
    others && look.paint('dim', say`\nThread ${thread.id}:`),
    ...(others ? thread.events.map(each => eventLine(each, look, nameOf)) : []),
    others && thread.has_more && look.paint('dim', say`There are more: \`switchboard events --thread ${thread.id}\`.`),
  )
}
