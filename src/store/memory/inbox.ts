import { isOfOneSession } from '../../bus/address.ts'
import { defined } from '../../bus/defined.ts'
import { charsOfEvent, hasExpired, isMail, type StoredEvent, urgentFirst } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import { pageOf } from '../../bus/page.ts'
import type { Receipt, ReceiptChange } from '../../bus/receipt.ts'
import type { Session } from '../../bus/session.ts'
import type { Commands, Consumed } from '../../bus/store.ts'
import type { EventPage } from '../../bus/store-reads.ts'
import { Refusal } from './refusal.ts'
import { sessionIn } from './sessions.ts'
import { followedBy } from './subscriptions.ts'
import { type Delivery, joined, type Tables } from './tables.ts'
import { showIn } from './talk.ts'

const deliveryOf = (tables: Tables, eventId: number, sessionId: string) =>
  tables.deliveries.get(joined(eventId, sessionId))

/**
 * Whether this event waits for this session: addressed to it or taken over by it, not its own, and not consumed (a lease may
 * be open).
 */
export function awaits(tables: Tables, event: StoredEvent, sessionId: string): boolean {
  const delivery = deliveryOf(tables, event.id, sessionId)
  return (
    isMail(event) &&
    event.senderId !== sessionId &&
    delivery?.done !== true &&
    (delivery?.takenBy === sessionId ||
      followedBy(tables, sessionId).some(each => event.channels.includes(each.channel) && each.position < event.id))
  )
}

/** The same, by its own channel or because it took it over. */
export function awaitsDirect(tables: Tables, event: StoredEvent, sessionId: string): boolean {
  const isDirect =
    event.channels.includes(`session:${sessionId}`) || deliveryOf(tables, event.id, sessionId)?.takenBy === sessionId
  return isDirect && awaits(tables, event, sessionId)
}

export function unreadDirect(tables: Tables, now: number, sessionId: string, limit: number): EventPage {
  const all = [...tables.events.values()].filter(
    event => awaitsDirect(tables, event, sessionId) && !hasExpired(event, now),
  )
  const events = pageOf(all.slice(0, limit), charsOfEvent)
  return { events, more: all.length > events.length }
}

export function takeOver(
  tables: Tables,
  now: number,
  { sessionId, endedId }: Commands['takeOver']['needs'],
): Commands['takeOver']['gives'] {
  sessionIn(tables, sessionId)
  const { endedAt } = sessionIn(tables, endedId)
  if (endedAt === undefined || endedId === sessionId) throw new Refusal({ code: 'not_ended' })
  const left = [...tables.events.values()].filter(
    event => event.senderId !== sessionId && awaitsDirect(tables, event, endedId) && !hasExpired(event, now),
  )
  for (const { id: eventId } of left) {
    const before = deliveryOf(tables, eventId, endedId)
    put(tables, { ...before, eventId, sessionId: endedId, leased: false, done: true, takenBy: sessionId })
    const own = deliveryOf(tables, eventId, sessionId)
    // It may have been its own once, and been taken over from it.
    const isBack = own?.takenBy !== undefined && own.takenBy !== sessionId && own.consumedAt === undefined
    const { leased = false, done = false } = isBack ? {} : (own ?? {})
    put(tables, { ...own, eventId, sessionId, leased, done, takenBy: sessionId })
  }
  return { taken: left.map(({ id }) => id) }
}

/** Whether it is one of those to whom this event is yet to come: of a group, those that have not ended. */
function isRecipient(tables: Tables, event: StoredEvent, { id, endedAt }: Session): boolean {
  if (endedAt === undefined || !awaits(tables, event, id)) return awaits(tables, event, id)
  return awaits(tables, { ...event, channels: event.channels.filter(isOfOneSession) }, id)
}

function unreadFor(tables: Tables, now: number, sessionId: string): StoredEvent[] {
  return [...tables.events.values()].filter(
    event =>
      awaits(tables, event, sessionId) && !deliveryOf(tables, event.id, sessionId)?.leased && !hasExpired(event, now),
  )
}

function leasedBy(tables: Tables, sessionId: string): Delivery[] {
  return [...tables.deliveries.values()].filter(each => each.leased && each.sessionId === sessionId)
}

export function unread(
  tables: Tables,
  now: number,
  sessionId: string,
  limit: number,
  first: 'oldest' | 'urgent',
  maxBytes?: number,
) {
  const all = unreadFor(tables, now, sessionId)
  const ordered = first === 'urgent' ? urgentFirst(all) : all
  const wanted =
    maxBytes === undefined
      ? ordered
      : ordered.slice(0, Math.max(limit, LIMITS.pendingCount)).filter(each => bytesOf(each) <= maxBytes)
  const messages = pageOf(wanted.slice(0, limit), charsOfEvent)
  return { messages, pending: Math.min(all.length, LIMITS.pendingCount) }
}

function bytesOf({ id: _, at: __, ...event }: StoredEvent): number {
  return Buffer.byteLength(JSON.stringify(event))
}

export function hasOpenOffer(tables: Tables, sessionId: string): boolean {
  return leasedBy(tables, sessionId).length > 0
}

export function offer(tables: Tables, now: number, needs: Commands['offer']['needs']) {
  const { id: sessionId } = sessionIn(tables, needs.sessionId)
  const all = unreadFor(tables, now, sessionId)
  const wanted = needs.events?.flatMap(id => all.find(event => event.id === id) ?? []) ?? urgentFirst(all)
  const places = LIMITS.openOffers - leasedBy(tables, sessionId).length
  const messages = pageOf([...new Set(wanted)].slice(0, Math.max(0, Math.min(needs.limit, places))), charsOfEvent)
  const repeats = messages.filter(event => wasShown(tables, event.id, sessionId)).map(event => event.id)
  for (const { id: eventId } of messages) {
    const before = deliveryOf(tables, eventId, sessionId)
    // A receipt never goes back: what was consumed once stays so, though it is offered again.
    const offered = before?.consumedAt === undefined ? { route: needs.route, offeredAt: now } : {}
    put(tables, { ...before, ...offered, eventId, sessionId, leased: true, done: false })
  }
  showIn(tables, now, sessionId, messages, needs.talkUntil)
  return { messages, repeats, pending: Math.min(all.length - messages.length, LIMITS.pendingCount) }
}

/** Whether its agent may know it; of what was taken over, an agent that had it before may have done what it asks for. */
function wasShown(tables: Tables, eventId: number, sessionId: string): boolean {
  const delivery = deliveryOf(tables, eventId, sessionId)
  if (delivery === undefined || delivery.takenBy !== sessionId) return delivery !== undefined
  return [...tables.deliveries.values()]
    .filter(each => each.eventId === eventId && each.takenBy !== undefined)
    .some(each => each.offeredAt !== undefined || each.consumedAt !== undefined)
}

export function confirm(tables: Tables, now: number, needs: Commands['confirm']['needs']) {
  const { sessionId, proof, route, events } = needs
  sessionIn(tables, sessionId)
  const leased = leasedBy(tables, sessionId)
    .filter(each => route === undefined || each.route === route)
    .filter(each => events?.includes(each.eventId) ?? true)
  const consumed = leased.map(({ eventId }) => consume(tables, now, eventId, sessionId, proof))
  moveCursor(tables, sessionId, Math.max(cursorOf(tables, sessionId), ...leased.map(each => each.eventId)))
  return { consumed: inOrder(consumed) }
}

export function acknowledge(tables: Tables, now: number, needs: Commands['acknowledge']['needs']) {
  const { id: sessionId } = sessionIn(tables, needs.sessionId)
  const { upTo, proof } = needs
  const position = cursorOf(tables, sessionId)
  const { newest } = tables.counters
  const ids = [
    ...unreadFor(tables, now, sessionId).map(each => each.id),
    ...leasedBy(tables, sessionId).map(e => e.eventId),
  ].filter(id => id <= upTo)
  if (upTo > newest || (upTo < position && ids.length === 0 && !needs.rewind))
    throw new Refusal({ code: 'bad_cursor', asked: upTo, position, newest })
  const consumed = ids.map(id => consume(tables, now, id, sessionId, proof))
  const moved = needs.rewind ? upTo : Math.max(position, upTo)
  moveCursor(tables, sessionId, moved)
  if (needs.rewind) {
    for (const [key, each] of tables.subscriptions) {
      if (each.sessionId !== sessionId) continue
      // A channel that is followed no more goes back too, in case it is followed again.
      tables.subscriptions.set(key, { ...each, position: each.following ? upTo : Math.min(each.position, upTo) })
    }
    for (const each of [...tables.deliveries.values()]) {
      const isElsewhere = each.takenBy !== undefined && each.takenBy !== sessionId
      if (each.sessionId !== sessionId || each.eventId <= upTo || isElsewhere) continue
      put(tables, { ...each, leased: false, done: false })
    }
  }
  return { position: moved, consumed: inOrder(consumed) }
}

/**
 * The sender of `by` has read what it answers, if that was ever for it. What is held stays held, however its reader came to
 * know of it; and a reply that is held is no answer to anybody before it is continued.
 */
export function answer(tables: Tables, now: number, answered: StoredEvent, by: StoredEvent): void {
  const sessionId = by.senderId
  if (answered.held !== undefined) return
  if (!tables.sessions.has(sessionId)) return
  const isFor = awaits(tables, answered, sessionId) && !hasExpired(answered, now)
  if (!deliveryOf(tables, answered.id, sessionId) && !isFor) return
  consume(tables, now, answered.id, sessionId, 'reply')
  if (by.held !== undefined) return
  const delivery = deliveryOf(tables, answered.id, sessionId)!
  put(tables, { ...delivery, answeredBy: delivery.answeredBy ?? by.id })
}

/** Whether this is the event by which the session answered. */
export function isAnswer(tables: Tables, { eventId, sessionId, answeredBy }: ReceiptChange): boolean {
  return answeredBy !== undefined && deliveryOf(tables, eventId, sessionId)?.answeredBy === answeredBy
}

function inOrder(consumed: readonly Consumed[]): Consumed[] {
  return [...consumed].sort((a, b) => a.eventId - b.eventId)
}

function consume(tables: Tables, now: number, eventId: number, sessionId: string, proof: string): Consumed {
  const before = deliveryOf(tables, eventId, sessionId)
  put(tables, {
    proof,
    consumedAt: now,
    ...before,
    eventId,
    sessionId,
    leased: false,
    done: true,
  })
  return defined({ eventId, route: before?.route })
}

function put(tables: Tables, delivery: Delivery): void {
  tables.deliveries.set(joined(delivery.eventId, delivery.sessionId), delivery)
}

function cursorOf(tables: Tables, sessionId: string): number {
  return tables.cursors.get(sessionId) ?? 0
}

function moveCursor(tables: Tables, sessionId: string, position: number): void {
  tables.cursors.set(sessionId, position)
}

/** In the order in which the sessions registered; the forgotten come last. */
export function receipts(tables: Tables, eventId: number, limit: number): Receipt[] {
  const event = tables.events.get(eventId)
  if (event === undefined) return []
  const ids = [...tables.sessions.keys()]
  const withHistory = ids.flatMap(id => deliveryOf(tables, eventId, id) ?? []).map(each => receiptOf(each, event))
  const stored = [...tables.sessions.values()]
    .filter(session => !deliveryOf(tables, eventId, session.id) && isRecipient(tables, event, session))
    .filter(() => !tables.expired.has(eventId))
    .map(({ id: sessionId }) => ({ eventId, sessionId, state: 'stored' }) as const)
  const lost = tables.lost
    .filter(each => each.eventId === eventId)
    .map(each => ({ ...each, state: 'undeliverable', reason: 'the session was forgotten' }) as const)
  return [...withHistory, ...stored, ...lost].slice(0, limit)
}

function receiptOf({ leased: _, done: __, outcome, takenBy, ...history }: Delivery, event: StoredEvent): Receipt {
  if (history.answeredBy !== undefined) return { ...history, state: 'answered' }
  if (history.consumedAt !== undefined) return { ...history, state: 'consumed' }
  if (outcome === 'held') return defined({ ...history, state: outcome, reason: event.held })
  if (takenBy !== undefined && takenBy !== history.sessionId) return { ...history, state: 'taken_over', takenBy }
  return { ...history, state: outcome ?? (history.offeredAt === undefined ? 'stored' : 'offered') }
}

/** What is held has a receipt from the beginning: nobody's position will ever stand before it. */
export function hold(tables: Tables, event: StoredEvent): void {
  const unheld = defined({ ...event, held: undefined })
  const waiting = [...tables.sessions.values()].filter(session => isRecipient(tables, unheld, session))
  for (const { id: sessionId } of waiting.slice(0, LIMITS.heldReceipts)) {
    put(tables, { eventId: event.id, sessionId, leased: false, done: true, outcome: 'held' })
  }
}

export function nextExpiry(tables: Tables): number | undefined {
  const times = [...tables.events.values()]
    .filter(event => !tables.expired.has(event.id))
    .flatMap(event => event.expiresAt ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Each event once; whom it is being offered to at this moment may still read it. */
export function expire(tables: Tables, now: number): Commands['expire']['gives'] {
  const due = [...tables.events.values()].filter(
    event => event.expiresAt !== undefined && event.expiresAt <= now && !tables.expired.has(event.id),
  )
  return {
    expired: due.map(event => {
      tables.expired.add(event.id)
      const sessionIds = [...tables.sessions.values()]
        .filter(session => isRecipient(tables, event, session) && !deliveryOf(tables, event.id, session.id)?.leased)
        .map(({ id }) => id)
      for (const sessionId of sessionIds) {
        const before = deliveryOf(tables, event.id, sessionId)
        put(tables, { ...before, eventId: event.id, sessionId, leased: false, done: true, outcome: 'expired' })
      }
      return { event, sessionIds, unreadBy: sessionIds.length }
    }),
  }
}
