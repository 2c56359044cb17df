import { OPERATOR_ID } from '../bus/access.ts'
import { channelsOf } from '../bus/address.ts'
import { BusError } from '../bus/errors.ts'
import type { StoredEvent } from '../bus/event.ts'
import { longestOf, nextLink, UNREPORTED_WORK_MS } from '../bus/loops.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { committed } from './commit.ts'
import { talkOfToken } from './inherited-talk.ts'
import type { Call } from './operation.ts'

/** Where the caller's next message stands in its chain. */
export async function linkOf(call: Call, answered: StoredEvent | undefined): Promise<ReturnType<typeof nextLink>> {
  const { id } = call.caller
  if (id === OPERATOR_ID) return { hops: 0 }
  const talk = (await call.bus.store.talk(id)) ?? (await talkOfToken(call))
  return nextLink(talk, answered && { event: answered, isOwn: answered.senderId === id })
}

/** Until when a session that does not report what it does is taken to talk of what it is shown now. */
export async function talkUntil(store: StoreReads): Promise<number> {
  return (await store.now()) + UNREPORTED_WORK_MS
}

/**
 * The same of one whose hooks tell what it does: without end as soon as they have. Until then nobody knows whether they
 * will, for the session process may be of an older program.
 */
export async function talkUntilReported(store: StoreReads, sessionId: string): Promise<{ talkUntil?: number }> {
  const talk = await store.talk(sessionId)
  return talk !== undefined && talk.begunAt > 0 ? {} : { talkUntil: await talkUntil(store) }
}

/** For a commit: the session is shown these, but not by an offer. */
export function continuing(sessionId: string, events: readonly StoredEvent[], until?: number) {
  const chain = longestOf(events, sessionId, until)
  return chain === undefined ? [] : [{ kind: 'continueTalk', sessionId, chain } as const]
}

/**
 * What the caller reads in the log and may answer: its mail, and what it has asked for by group, sender or thread, which it
 * need not follow for that. What is held, too, stands there. What has been there for a while is no part of a conversation
 * that goes back and forth.
 */
export async function noteReadInLog(call: Call, events: readonly StoredEvent[], isAskedFor: boolean): Promise<void> {
  const { session } = call
  if (session === undefined || session.id === OPERATOR_ID) return
  const [talk, now] = await Promise.all([call.bus.store.talk(session.id), call.bus.store.now()])
  const own = new Set(channelsOf(session))
  const isFresh = (event: StoredEvent) => event.id > (talk?.begunAt ?? 0) && event.at > now - UNREPORTED_WORK_MS
  const isRead = (channel: string) => own.has(channel) || (isAskedFor && !channel.startsWith('session:'))
  const mail = events.filter(event => isFresh(event) && event.channels.some(isRead))
  await noteLookedAt(call, mail)
}

/** Mail that the caller looks at without taking it. */
export async function noteLookedAt(call: Call, events: readonly StoredEvent[]): Promise<void> {
  const { session } = call
  if (session === undefined || session.id === OPERATOR_ID || events.length === 0) return
  const { store, wakes } = call.bus
  wakes.tookMail(session.id)
  const [talk, until] = await Promise.all([store.talk(session.id), talkUntil(store)])
  const news = continuing(session.id, events, until).filter(({ chain: { hops } }) => hops > (talk?.chain?.hops ?? -1))
  if (news.length === 0) return
  try {
    committed(await call.commit(news))
  } catch (error) {
    // A disk that is full takes no message either, and must not keep anybody from reading.
    if (!(error instanceof BusError && error.code === 'store_full')) throw error
  }
}
