import { defined } from '../bus/defined.ts'
import type { EventFilter, Level } from '../bus/event.ts'
import { CHECK_SENDER_ID } from '../bus/own-sessions.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { channelCalled, sessionCalled } from './recipients.ts'

/** What a reader of the log or of a live stream writes to narrow it. */
export interface WrittenFilter {
  readonly channel?: string | undefined
  readonly types?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly thread?: string | undefined
  readonly min_level?: Level | undefined
}

/** What it means: names become ids and channels; an unknown one is an error that names the nearest. */
export async function eventFilter(store: StoreReads, written: WrittenFilter): Promise<EventFilter> {
  return defined({
    channels: written.channel === undefined ? undefined : [await channelCalled(store, written.channel)],
    types: written.types,
    senderId: written.from === undefined ? undefined : await senderCalled(store, written.from),
    // A check of the bus is nobody's news.
    notSenderId: written.from === undefined ? CHECK_SENDER_ID : undefined,
    thread: written.thread,
    minLevel: written.min_level,
  })
}

async function senderCalled(store: StoreReads, written: string): Promise<string> {
  if (written.startsWith('token:')) return written
  // What the bus itself says is signed with its name.
  if (['system', 'switchboard'].includes(written.toLowerCase())) return 'system'
  return (await sessionCalled(store, written)).id
}
