import { expect } from 'vitest'
import { LIMITS } from '../../src/bus/limits.ts'
import type { Command } from '../../src/bus/store.ts'
import {
  acknowledge,
  anEvent,
  type Cases,
  confirm,
  done,
  ids,
  join,
  publish,
  refused,
  take,
  unreadIds,
} from './bench.ts'

export const inbox: Cases = {
  'unread is what lies on followed channels, oldest first': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    const one = await publish(store, { channels: ['topic:a'] })
    await publish(store, { channels: ['topic:b', 'session:s2'] })
    const two = await publish(store, { channels: ['session:s1'] })
    const three = await publish(store)
    const { messages, pending } = await store.unread('s1', 2)
    expect(messages).toEqual([one, two])
    expect(pending).toBe(3)
    expect(await unreadIds(store, 's1')).toEqual([one.id, two.id, three.id])
  },
  'an event on several followed channels is one message': async ({ store }) => {
    await join(store, 's1', ['topic:a', 'topic:b'])
    const { id } = await publish(store, { channels: ['topic:b', 'all', 'topic:a', 'session:s1'] })
    expect(await store.unread('s1', 10)).toMatchObject({ messages: [{ id }], pending: 1 })
    expect((await take(store, 's1')).messages).toHaveLength(1)
    expect(await confirm(store, 's1')).toBe(1)
    expect(await unreadIds(store, 's1')).toEqual([])
  },
  'own and lifecycle events are never unread': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { senderId: 's1' })
    await publish(store, { level: 'lifecycle', channels: ['all', 'session:s1'] })
    expect(await store.unread('s1', 10)).toEqual({ messages: [], pending: 0 })
    expect(await acknowledge(store, 's1', 2)).toEqual({ position: 2, consumed: 0 })
  },
  'nobody unknown has mail': async ({ store }) => {
    await publish(store, { channels: ['session:x'] })
    expect(await store.unread('x', 10)).toEqual({ messages: [], pending: 0 })
    expect(await store.hasOpenOffer('x')).toBe(false)
    const unknown = { code: 'not_found', what: 'session' }
    expect(await refused(store, { kind: 'offer', sessionId: 'x', limit: 1, route: 'r' })).toEqual(unknown)
    expect(await refused(store, { kind: 'confirm', sessionId: 'x', proof: 'p' })).toEqual(unknown)
    expect(await refused(store, { kind: 'acknowledge', sessionId: 'x', upTo: 0, proof: 'p' })).toEqual(unknown)
  },
  'pending is counted up to its limit, and messages may be asked for beyond it': async ({ store }) => {
    await join(store, 's1')
    const many = LIMITS.pendingCount + 5
    await done(store, ...Array.from({ length: many }, (): Command => ({ kind: 'append', event: anEvent() })))
    expect(await store.unread('s1', 0)).toEqual({ messages: [], pending: LIMITS.pendingCount })
    expect((await store.unread('s1', many)).messages).toHaveLength(many)
    expect(await take(store, 's1', 3)).toMatchObject({ pending: LIMITS.pendingCount })
    expect(await take(store, 's1', 1)).toMatchObject({ pending: LIMITS.pendingCount })
    expect(await take(store, 's1', 2)).toMatchObject({ pending: LIMITS.pendingCount - 1 })
  },
  'an offer leases the oldest, and later offers go on behind it': async ({ store }) => {
    await join(store, 's1')
    for (let n = 0; n < 5; n++) await publish(store)
    const first = await take(store, 's1', 2)
    expect(first).toMatchObject({ messages: [{ id: 1 }, { id: 2 }], repeats: [], pending: 3 })
    expect(await store.unread('s1', 10)).toMatchObject({ messages: [{ id: 3 }, { id: 4 }, { id: 5 }], pending: 3 })
    expect(ids((await take(store, 's1', 2)).messages)).toEqual([3, 4])
    expect(await store.hasOpenOffer('s1')).toBe(true)
    expect(await confirm(store, 's1')).toBe(4)
    expect(await store.hasOpenOffer('s1')).toBe(false)
    expect(await unreadIds(store, 's1')).toEqual([5])
  },
  'what is more urgent is unread and offered before what is older': async ({ store }) => {
    await join(store, 's1', ['topic:a', 'topic:b'])
    const channels = (n: number) => [['topic:a'], ['topic:b', 'session:s1'], ['session:s1']][n % 3]!
    for (let n = 0; n < 9; n++)
      await publish(store, { channels: channels(n), urgency: (['quiet', 'idle', 'now'] as const)[Math.floor(n / 3)]! })
    const urgent = async (limit: number) => ids((await store.unread('s1', limit, 'urgent')).messages)
    expect(await urgent(20)).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3])
    expect(await urgent(4)).toEqual([7, 8, 9, 4])
    expect(await store.unread('s1', 0, 'urgent')).toEqual({ messages: [], pending: 9 })
    expect(await unreadIds(store, 's1')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(ids((await take(store, 's1', 4)).messages)).toEqual([7, 8, 9, 4])
    expect(await confirm(store, 's1')).toBe(4)
    expect(await urgent(3)).toEqual([5, 6, 1])
    await publish(store, { senderId: 's1', urgency: 'now' })
    await publish(store, { held: 'too many hops', urgency: 'now' })
    await publish(store, { level: 'lifecycle', urgency: 'now' })
    await publish(store, { channels: ['topic:c'], urgency: 'now' })
    expect(await urgent(2)).toEqual([5, 6])
  },
  'what is urgent is found behind any number of others': async ({ store }) => {
    await join(store, 's1')
    const many = LIMITS.pendingCount + 300
    await done(store, ...Array.from({ length: many }, (): Command => ({ kind: 'append', event: anEvent() })))
    const { id } = await publish(store, { urgency: 'now' })
    await publish(store)
    expect(ids((await store.unread('s1', 2, 'urgent')).messages)).toEqual([id, 1])
    expect(await take(store, 's1', 2)).toMatchObject({ messages: [{ id }, { id: 1 }], pending: LIMITS.pendingCount })
  },
  'what is short is found behind any page of what is long': async ({ store }) => {
    await join(store, 's1')
    const long = { text: 'x'.repeat(20_000), urgency: 'now' } as const
    // More than a page holds, by characters and by number.
    for (let n = 0; n < 30; n++) await publish(store, long)
    const quiet = await publish(store, { text: 'é'.repeat(400), urgency: 'quiet' })
    const urgent = await publish(store, { urgency: 'now' })
    const found = async (limit: number, maxBytes?: number) =>
      ids((await store.unread('s1', limit, 'urgent', maxBytes)).messages)
    expect(await found(20)).not.toContain(urgent.id)
    expect(await found(20, 2_000)).toEqual([urgent.id, quiet.id])
    expect(await found(1, 2_000)).toEqual([urgent.id])
    expect(await found(20, 800)).toEqual([urgent.id])
    expect(ids((await store.unread('s1', 20, 'oldest', 2_000)).messages)).toEqual([quiet.id, urgent.id])
    expect(await store.unread('s1', 20, 'urgent', 10)).toEqual({ messages: [], pending: 32 })
  },
  'an offer of certain events leases those of them that are unread, in their order': async ({ store }) => {
    await join(store, 's1')
    for (let n = 0; n < 5; n++) await publish(store)
    const own = await publish(store, { senderId: 's1' })
    const others = await publish(store, { channels: ['session:s2'] })
    const offer = (events: number[], limit = 10) =>
      done(store, { kind: 'offer', sessionId: 's1', limit, events, route: 'hook' }).then(([given]) => given)
    expect(await offer([4, 2, 4, own.id, others.id, 99])).toMatchObject({
      messages: [{ id: 4 }, { id: 2 }],
      repeats: [],
      pending: 3,
    })
    expect(ids((await offer([2, 4, 5, 1], 1)).messages)).toEqual([5])
    expect(await offer([])).toEqual({ messages: [], repeats: [], pending: 2 })
    expect(await confirm(store, 's1')).toBe(3)
    expect(await unreadIds(store, 's1')).toEqual([1, 3])
    expect(ids((await offer([5, 3])).messages)).toEqual([3])
  },
  'a proof of certain events consumes those of them that are leased, and no other lease': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    for (let n = 0; n < 5; n++) await publish(store)
    await take(store, 's1', 2, 'prompt hook')
    await take(store, 's1', 2, 'prompt hook')
    await take(store, 's2', 1)
    const proof = { kind: 'confirm', sessionId: 's1', proof: 'Stop hook' } as const
    const [{ consumed }] = await done(store, { ...proof, events: [5, 3, 1, 99, 3] })
    expect(consumed).toEqual([
      { eventId: 1, route: 'prompt hook' },
      { eventId: 3, route: 'prompt hook' },
    ])
    expect(await done(store, { ...proof, events: [] })).toEqual([{ consumed: [] }])
    expect(await done(store, { ...proof, events: [2], route: 'inbox' })).toEqual([{ consumed: [] }])
    expect(await store.hasOpenOffer('s2')).toBe(true)
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, reofferUnproved: true })
    expect(await unreadIds(store, 's1')).toEqual([2, 4, 5])
    expect(await done(store, { ...proof, events: [2] })).toEqual([{ consumed: [] }])
    expect(await take(store, 's1')).toMatchObject({ messages: [{ id: 2 }, { id: 4 }, { id: 5 }], repeats: [2, 4] })
  },
  'an offer of nothing opens nothing, and there is nothing to confirm': async ({ store }) => {
    await join(store, 's1')
    expect(await take(store, 's1')).toEqual({ messages: [], repeats: [], pending: 0 })
    expect(await store.hasOpenOffer('s1')).toBe(false)
    expect(await confirm(store, 's1')).toBe(0)
  },
  "one session's reading touches no other": async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store)
    await take(store, 's1')
    await confirm(store, 's1')
    expect(await unreadIds(store, 's2')).toEqual([id])
  },
  'what comes after an offer is unread when the offer is confirmed': async ({ store }) => {
    await join(store, 's1')
    await publish(store)
    await take(store, 's1')
    const late = await publish(store)
    await confirm(store, 's1')
    expect(await unreadIds(store, 's1')).toEqual([late.id])
  },
  'what was offered and given back comes again, marked as a repeat': async ({ store }) => {
    await join(store, 's1')
    await publish(store)
    await publish(store)
    expect(await take(store, 's1', 1)).toMatchObject({ repeats: [] })
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, reofferUnproved: true })
    expect(await take(store, 's1')).toMatchObject({ messages: [{ id: 1 }, { id: 2 }], repeats: [1] })
  },
  'an older message of a channel followed late is unread though newer ones were consumed': async ({ store, clock }) => {
    await join(store, 's1')
    const old = await publish(store, { channels: ['topic:a'] })
    clock.ms += 1
    await publish(store)
    await take(store, 's1')
    await confirm(store, 's1')
    await done(store, { kind: 'follow', sessionId: 's1', channels: ['all', 'topic:a'], backfillMs: 60_000 })
    expect(await unreadIds(store, 's1')).toEqual([old.id])
    await take(store, 's1')
    expect(await confirm(store, 's1')).toBe(1)
    const back = { kind: 'acknowledge', sessionId: 's1', upTo: 1, proof: 'ack' } as const
    expect(await refused(store, back)).toMatchObject({ code: 'bad_cursor', position: 2 })
  },
  'what is held is in no inbox, and acknowledging passes over it': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { held: 'too many hops' })
    const { id } = await publish(store)
    expect(await unreadIds(store, 's1')).toEqual([id])
    expect((await take(store, 's1')).messages).toMatchObject([{ id }])
    expect(await confirm(store, 's1')).toBe(1)
    expect(await acknowledge(store, 's1', 0, true)).toEqual({ position: 0, consumed: 0 })
    expect(await unreadIds(store, 's1')).toEqual([id])
  },
  'a session that ended keeps its mail': async ({ store, clock }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    const { id } = await publish(store, { channels: ['session:s1'] })
    clock.ms += 1
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(await unreadIds(store, 's1')).toEqual([id])
  },
}
