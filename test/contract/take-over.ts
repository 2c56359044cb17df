import { expect } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import {
  acknowledge,
  type Cases,
  confirm,
  done,
  ids,
  join,
  publish,
  refused,
  START_MS,
  take,
  unreadIds,
} from './bench.ts'

const taking = (sessionId: string, endedId: string) => ({ kind: 'takeOver', sessionId, endedId }) as const
const direct = (store: Store, id: string, more = {}) => publish(store, { channels: [`session:${id}`], ...more })
const end = (store: Store, id: string) => done(store, { kind: 'endSession', id, reason: 'left' })
const revive = (store: Store, id: string) => done(store, { kind: 'updateSession', id, patch: {}, revive: true })

/** A session that ended with this mail unread, and one that is there. */
async function ended(store: Store, count = 2) {
  for (const id of ['old', 'new']) await join(store, id)
  const left = []
  for (let n = 0; n < count; n++) left.push((await direct(store, 'old')).id)
  await end(store, 'old')
  return left
}

export const takeOvers: Cases = {
  'what an ended session has not read of its own waits for the one that takes it over, and for it no more': async ({
    store,
  }) => {
    await join(store, 'old')
    const read = await direct(store, 'old')
    await acknowledge(store, 'old', read.id)
    const leased = await direct(store, 'old')
    await take(store, 'old')
    const waiting = await direct(store, 'old')
    const toAll = await publish(store)
    const held = await direct(store, 'old', { held: 'too many hops' })
    await direct(store, 'old', { level: 'lifecycle' })
    await direct(store, 'old', { expiresAt: START_MS })
    await join(store, 'new')
    const own = await direct(store, 'old', { senderId: 'new' })
    await end(store, 'old')
    expect(ids((await store.unreadDirect('old', 9)).events)).toEqual([leased.id, waiting.id, own.id])
    const [{ taken }] = await done(store, taking('new', 'old'))
    expect(taken).toEqual([leased.id, waiting.id])
    expect(await unreadIds(store, 'new')).toEqual(taken)
    expect(ids((await store.unreadDirect('new', 9)).events)).toEqual(taken)
    expect(await store.hasOpenOffer('old')).toBe(false)
    await revive(store, 'old')
    expect(await unreadIds(store, 'old')).toEqual([toAll.id, own.id])
    expect(await store.receipts(held.id, 9)).toMatchObject([{ sessionId: 'old', state: 'held' }])
  },
  'it is taken over once, and again only what has come since': async ({ store }) => {
    const left = await ended(store)
    await join(store, 'other')
    await done(store, taking('new', 'old'))
    for (const id of ['other', 'new']) expect(await done(store, taking(id, 'old'))).toEqual([{ taken: [] }])
    const late = await direct(store, 'old')
    expect(await unreadIds(store, 'new')).toEqual(left)
    expect(await done(store, taking('other', 'old'))).toEqual([{ taken: [late.id] }])
    expect(await unreadIds(store, 'other')).toEqual([late.id])
  },
  'nothing is taken from a session that lives, that is the same, or that nobody knows': async ({ store }) => {
    await ended(store)
    await end(store, 'new')
    expect(await refused(store, taking('new', 'new'))).toEqual({ code: 'not_ended' })
    await revive(store, 'new')
    await revive(store, 'old')
    expect(await refused(store, taking('new', 'old'))).toEqual({ code: 'not_ended' })
    for (const each of [taking('new', 'nobody'), taking('nobody', 'old')]) {
      expect(await refused(store, each)).toEqual({ code: 'not_found', what: 'session' })
    }
    expect(await unreadIds(store, 'new')).toEqual([])
  },
  'receipts say who took it over, and what became of it there': async ({ store, clock }) => {
    const [first = 0, second = 0] = await ended(store)
    const told: unknown[] = []
    const stop = store.onReceipts(changes => void told.push(...changes))
    await done(store, taking('new', 'old'))
    const gone = { eventId: first, sessionId: 'old', state: 'taken_over', takenBy: 'new' }
    expect(await store.receipts(first, 9)).toEqual([gone, { eventId: first, sessionId: 'new', state: 'stored' }])
    clock.ms += 1
    await take(store, 'new')
    await confirm(store, 'new')
    const [, receipt] = await store.receipts(first, 9)
    expect(receipt).toMatchObject({ sessionId: 'new', state: 'consumed', route: 'inbox', proof: 'next call' })
    const reply = await publish(store, { senderId: 'new', replyTo: second })
    expect(await store.receipts(second, 9)).toMatchObject([
      { sessionId: 'old', state: 'taken_over' },
      { sessionId: 'new', state: 'answered', answeredBy: reply.id },
    ])
    await new Promise(resolve => setImmediate(resolve))
    stop()
    expect(told.slice(0, 2)).toEqual(
      [first, second].map(eventId => ({ eventId, sessionId: 'old', state: 'taken_over' })),
    )
  },
  'a receipt of the one that ended goes no way back: what it read or answers later stays its own': async ({
    store,
  }) => {
    const [first = 0, second = 0] = await ended(store)
    await revive(store, 'old')
    await acknowledge(store, 'old', first)
    await acknowledge(store, 'old', 0, true)
    await end(store, 'old')
    await done(store, taking('new', 'old'))
    expect(await store.receipts(first, 9)).toMatchObject([{ state: 'consumed', proof: 'ack' }, { state: 'stored' }])
    await revive(store, 'old')
    await publish(store, { senderId: 'old', replyTo: second })
    expect(await store.receipts(second, 9)).toMatchObject([{ state: 'answered' }, { state: 'stored' }])
  },
  'a rewind gives back to the one that took it over what that read, and nothing to the one that ended': async ({
    store,
  }) => {
    const left = await ended(store)
    await done(store, taking('new', 'old'))
    await take(store, 'new', 1)
    await confirm(store, 'new')
    await acknowledge(store, 'new', left.at(-1)!)
    expect(await unreadIds(store, 'new')).toEqual([])
    await acknowledge(store, 'new', 0, true)
    expect(await unreadIds(store, 'new')).toEqual(left)
    await revive(store, 'old')
    await acknowledge(store, 'old', 0, true)
    expect(await unreadIds(store, 'old')).toEqual([])
  },
  'it is marked as a repeat where an agent was offered it before': async ({ store }) => {
    await join(store, 'old')
    const known = await direct(store, 'old')
    await take(store, 'old')
    const fresh = await direct(store, 'old')
    await end(store, 'old')
    for (const id of ['new', 'newer']) await join(store, id)
    await done(store, taking('new', 'old'))
    await end(store, 'new')
    await done(store, taking('newer', 'new'))
    expect(await take(store, 'newer')).toMatchObject({
      messages: [{ id: known.id }, { id: fresh.id }],
      repeats: [known.id],
    })
    await done(store, { kind: 'updateSession', id: 'newer', patch: {}, reofferUnproved: true })
    expect((await take(store, 'newer')).repeats).toEqual([known.id, fresh.id])
  },
  'it is passed on from session to session, back to the first one too': async ({ store }) => {
    const left = await ended(store)
    await done(store, taking('new', 'old'))
    await end(store, 'new')
    await join(store, 'newer')
    expect(await done(store, taking('newer', 'new'))).toEqual([{ taken: left }])
    await revive(store, 'new')
    expect(await unreadIds(store, 'new')).toEqual([])
    await end(store, 'newer')
    await revive(store, 'old')
    await done(store, taking('old', 'newer'))
    expect(await unreadIds(store, 'old')).toEqual(left)
    expect(await store.receipts(left[0]!, 9)).toMatchObject([
      { sessionId: 'old', state: 'stored' },
      { sessionId: 'new', state: 'taken_over', takenBy: 'newer' },
      { sessionId: 'newer', state: 'taken_over', takenBy: 'old' },
    ])
  },
  'what was sent to both comes to the one that is there once, read or unread': async ({ store }) => {
    for (const id of ['old', 'new']) await join(store, id)
    const both = { channels: ['session:old', 'session:new'] }
    const read = await publish(store, both)
    await acknowledge(store, 'new', read.id)
    const unread = await publish(store, both)
    await end(store, 'old')
    expect(await done(store, taking('new', 'old'))).toEqual([{ taken: [read.id, unread.id] }])
    expect(await unreadIds(store, 'new')).toEqual([unread.id])
    expect((await take(store, 'new')).repeats).toEqual([])
    expect(await store.receipts(read.id, 9)).toMatchObject([
      { sessionId: 'old', state: 'taken_over', takenBy: 'new' },
      { sessionId: 'new', state: 'consumed' },
    ])
  },
  'what is urgent of it comes first, before and after it is indexed': async ({ store }) => {
    for (const id of ['old', 'new']) await join(store, id)
    await direct(store, 'old')
    const urgent = await direct(store, 'old', { urgency: 'now' })
    await end(store, 'old')
    await done(store, taking('new', 'old'))
    await publish(store, { urgency: 'idle' })
    const { messages } = await store.unread('new', 9, 'urgent')
    expect(ids(messages)).toEqual([urgent.id, urgent.id + 1, urgent.id - 1])
    expect((await take(store, 'new', 1)).messages).toMatchObject([{ id: urgent.id }])
  },
  'it expires for the one that took it over, also where that gives it back later': async ({ store, clock }) => {
    for (const id of ['old', 'new']) await join(store, id)
    const shortLived = { expiresAt: START_MS + 10 }
    const leased = await direct(store, 'old', shortLived)
    const waiting = await direct(store, 'old', shortLived)
    await end(store, 'old')
    await done(store, taking('new', 'old'))
    await take(store, 'new', 1)
    clock.ms += 10
    expect(await unreadIds(store, 'new')).toEqual([])
    const [{ expired }] = await done(store, { kind: 'expire' })
    expect(expired).toMatchObject([{ sessionIds: [] }, { sessionIds: ['new'], unreadBy: 1 }])
    await done(store, { kind: 'updateSession', id: 'new', patch: {}, reofferUnproved: true })
    await acknowledge(store, 'new', 0, true)
    expect(await unreadIds(store, 'new')).toEqual([])
    expect(await store.receipts(waiting.id, 9)).toMatchObject([{ state: 'taken_over' }, { state: 'expired' }])
    expect(await store.receipts(leased.id, 9)).toMatchObject([{ state: 'taken_over' }, { state: 'offered' }])
  },
  'it is not forgotten before it is read, also where the one that ended is': async ({ store, clock }) => {
    const left = await ended(store)
    await done(store, taking('new', 'old'))
    clock.ms += 1_000
    const [pruned] = await done(store, { kind: 'prune', keepNewest: 0, forgetEndedMs: 0 })
    expect(pruned).toMatchObject({ sessions: 1, events: 0, keptUnread: 2, undeliverable: [] })
    expect(await unreadIds(store, 'new')).toEqual(left)
    expect((await take(store, 'new')).messages).toHaveLength(2)
    await confirm(store, 'new')
    expect(await done(store, { kind: 'prune', keepNewest: 0 })).toMatchObject([{ events: 2, keptUnread: 0 }])
    await acknowledge(store, 'new', 0, true)
    expect(await unreadIds(store, 'new')).toEqual([])
  },
  'its senders are told where the one that took it over is forgotten before it read it': async ({ store, clock }) => {
    const [first, second] = await ended(store)
    await done(store, taking('new', 'old'))
    await end(store, 'new')
    const own = await direct(store, 'new')
    clock.ms += 1
    const [{ undeliverable }] = await done(store, { kind: 'prune', forgetEndedMs: 0 })
    expect(undeliverable.map(({ eventId, sessionName }) => [eventId, sessionName])).toEqual([
      [first, 'new'],
      [second, 'new'],
      [own.id, 'new'],
    ])
  },
  'of many the oldest are shown, and that there are more': async ({ store }) => {
    const left = await ended(store, 4)
    expect(await store.unreadDirect('old', 4)).toMatchObject({ more: false })
    const page = await store.unreadDirect('old', 3)
    expect([ids(page.events), page.more]).toEqual([left.slice(0, 3), true])
    expect(await store.unreadDirect('nobody', 3)).toEqual({ events: [], more: false })
  },
}
