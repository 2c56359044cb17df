import { channelsOf } from '../bus/address.ts'
import type { EventFilter } from '../bus/event.ts'
import type { Session } from '../bus/session.ts'

/** What a session's inbox would get: its channels, not its own words, nothing that is mere bookkeeping. */
export function inboxFilter(session: Session): EventFilter {
  return { channels: channelsOf(session), notSenderId: session.id, minLevel: 'info' }
}

/** Both filters at once, where the second may only name channels of the first, and whose words are left out is for the first to say. */
export function narrowed(filter: EventFilter, further: EventFilter): EventFilter {
  const channels =
    filter.channels === undefined || further.channels === undefined
      ? (filter.channels ?? further.channels)
      : filter.channels.filter(channel => further.channels!.includes(channel))
  const minLevel = further.minLevel === 'actionable' ? further.minLevel : (filter.minLevel ?? further.minLevel)
  return {
    ...further,
    ...filter,
    ...(channels === undefined ? {} : { channels }),
    ...(minLevel === undefined ? {} : { minLevel }),
  }
}
