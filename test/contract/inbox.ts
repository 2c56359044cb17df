import { expect } from 'vitest'
import { LIMITS } from '../../src/bus/limits.ts'
import type { Command } from '../../src/bus/store.ts'
import {
  acknowledge,
  anEvent,
  aSession,
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
  'an acknowledgement consumes up to an id, offered or not': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    for (let n = 0; n < 5; n++) await publish(store, { channels: [n % 2 ? 'all' : 'topic:a'] })
    await take(store, 's1', 2)
    expect(await acknowledge(store, 's1', 4)).toEqual({ position: 4, consumed: 4 })
    expect(await unreadIds(store, 's1')).toEqual([5])
    expect(await store.hasOpenOffer('s1')).toBe(false)
    expect(await acknowledge(store, 's1', 4)).toEqual({ position: 4, consumed: 0 })
  },
  'an offer past the acknowledged id stays open': async ({ store }) => {
    await join(store, 's1')
    for (let n = 0; n < 3; n++) await publish(store)
    await take(store, 's1')
    expect(await acknowledge(store, 's1', 1)).toEqual({ position: 1, consumed: 1 })
    expect(await unreadIds(store, 's1')).toEqual([])
    expect(await confirm(store, 's1')).toBe(2)
  },
  'an acknowledgement past the newest event is refused': async ({ store }) => {
    await join(store, 's1')
    await publish(store)
    const past = { kind: 'acknowledge', sessionId: 's1', upTo: 2, proof: 'ack' } as const
    expect(await refused(store, past)).toEqual({ code: 'bad_cursor', asked: 2, position: 0, newest: 1 })
    expect(await refused(store, { ...past, rewind: true })).toMatchObject({ code: 'bad_cursor' })
  },
  'going back needs rewind, after acknowledgements and after proofs': async ({ store }) => {
    await join(store, 's1')
    for (let n = 0; n < 4; n++) await publish(store)
    await take(store, 's1', 2)
    await confirm(store, 's1')
    const back = { kind: 'acknowledge', sessionId: 's1', upTo: 1, proof: 'ack' } as const
    expect(await refused(store, back)).toEqual({ code: 'bad_cursor', asked: 1, position: 2, newest: 4 })
    await acknowledge(store, 's1', 3)
    expect(await refused(store, back)).toEqual({ code: 'bad_cursor', asked: 1, position: 3, newest: 4 })
    expect(await acknowledge(store, 's1', 1, true)).toEqual({ position: 1, consumed: 0 })
    expect(await unreadIds(store, 's1')).toEqual([2, 3, 4])
    expect(await acknowledge(store, 's1', 2)).toEqual({ position: 2, consumed: 1 })
  },
  'a rewind gives running offers back, and its repeats are marked': async ({ store }) => {
    await join(store, 's1')
    for (let n = 0; n < 3; n++) await publish(store)
    await acknowledge(store, 's1', 1)
    await take(store, 's1', 1)
    await acknowledge(store, 's1', 0, true)
    expect(await store.hasOpenOffer('s1')).toBe(false)
    expect(await take(store, 's1')).toMatchObject({ messages: [{ id: 1 }, { id: 2 }, { id: 3 }], repeats: [1, 2] })
  },
  'a rewind reaches back before the session joined': async ({ store }) => {
    const { id } = await publish(store)
    await join(store, 's1')
    expect(await unreadIds(store, 's1')).toEqual([])
    await acknowledge(store, 's1', 0, true)
    expect(await unreadIds(store, 's1')).toEqual([id])
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
  'what has expired leaves the inboxes of those who have not been shown it, once': async ({ store, clock }) => {
    for (const id of ['s1', 's2', 's3']) await join(store, id)
    const event = await publish(store, { senderId: 's3', expiresAt: START_MS + 10 })
    await publish(store, { expiresAt: START_MS + 11 })
    await take(store, 's2', 1)
    expect(await done(store, { kind: 'expire' })).toEqual([{ expired: [] }])
    clock.ms += 10
    expect(await done(store, { kind: 'expire' })).toEqual([{ expired: [{ event, sessionIds: ['s1'] }] }])
    expect(await done(store, { kind: 'expire' })).toEqual([{ expired: [] }])
    expect(await unreadIds(store, 's1')).toEqual([2])
    expect(await confirm(store, 's2')).toBe(1)
    expect((await store.receipts(event.id, 10)).map(each => each.state)).toEqual(['expired', 'consumed'])
  },
  'what has expired is shown to nobody from that moment on, marked or not': async ({ store, clock }) => {
    for (const id of ['s1', 's2']) await join(store, id)
    const { id } = await publish(store, { senderId: 's9', expiresAt: START_MS + 10 })
    const reply = { kind: 'append', event: anEvent({ senderId: 's2', replyTo: id }) } as const
    clock.ms += 10
    for (const isMarked of [false, true]) {
      if (isMarked)
        expect(await done(store, { kind: 'expire' })).toMatchObject([{ expired: [{ sessionIds: ['s1', 's2'] }] }])
      expect(await store.unread('s1', 9)).toEqual({ messages: [], pending: 0 })
      expect((await take(store, 's1')).messages).toEqual([])
      expect(await acknowledge(store, 's1', 1)).toEqual({ position: 1, consumed: 0 })
    }
    await done(store, { kind: 'createSession', session: aSession('late') })
    await done(store, { kind: 'follow', sessionId: 'late', channels: ['all'], backfillMs: 1_000 })
    expect(await unreadIds(store, 'late')).toEqual([])
    await store.commit([{ ...reply, event: { ...reply.event, senderId: 'late' } }])
    expect((await store.receipts(id, 9)).map(each => [each.sessionId, each.state])).toEqual([
      ['s1', 'expired'],
      ['s2', 'expired'],
    ])
    await done(store, { kind: 'prune', keepNewest: 0, forgetEndedMs: 0 })
    expect(await store.event(id)).toBeUndefined()
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

export const receipts: Cases = {
  'an event is stored for each who follows a channel of it, once': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    await join(store, 's2')
    await join(store, 's3')
    await done(store, { kind: 'endSession', id: 's3', reason: '' })
    const { id } = await publish(store, { senderId: 's2', channels: ['all', 'topic:a', 'session:s1'] })
    expect(await store.receipts(id, 10)).toEqual([
      { eventId: id, sessionId: 's1', state: 'stored' },
      { eventId: id, sessionId: 's3', state: 'stored' },
    ])
    expect(await store.receipts(id, 1)).toHaveLength(1)
  },
  'no receipt stands for a late joiner, for lifecycle, or for an unknown event': async ({ store }) => {
    const early = await publish(store)
    await join(store, 's1')
    const lifecycle = await publish(store, { level: 'lifecycle' })
    expect(await store.receipts(early.id, 10)).toEqual([])
    expect(await store.receipts(lifecycle.id, 10)).toEqual([])
    expect(await store.receipts(99, 10)).toEqual([])
  },
  'a receipt goes from offered by its route to consumed with its proof': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    clock.ms += 1
    await take(store, 's1', 10, 'prompt hook')
    const offered = { eventId: id, sessionId: 's1', state: 'offered', route: 'prompt hook', offeredAt: START_MS + 1 }
    expect(await store.receipts(id, 10)).toEqual([offered])
    clock.ms += 1
    await confirm(store, 's1', 'next call')
    const consumed = { ...offered, state: 'consumed', proof: 'next call', consumedAt: START_MS + 2 }
    expect(await store.receipts(id, 10)).toEqual([consumed])
  },
  'what is held says so and why, to each whom it was for': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store, { senderId: 's2', held: 'too many hops' })
    await join(store, 's3')
    const held = { eventId: id, sessionId: 's1', state: 'held', reason: 'too many hops' }
    expect(await store.receipts(id, 10)).toEqual([held])
    await acknowledge(store, 's1', id)
    expect(await store.receipts(id, 10)).toEqual([held])
  },
  'an acknowledgement is a proof, without an offer too': async ({ store }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await acknowledge(store, 's1', id)
    expect(await store.receipts(id, 10)).toEqual([
      { eventId: id, sessionId: 's1', state: 'consumed', proof: 'ack', consumedAt: START_MS },
    ])
  },
  'an offer that was given back tells of the last one': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await take(store, 's1', 1, 'stop hook')
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, reofferUnproved: true })
    expect(await store.receipts(id, 10)).toMatchObject([{ state: 'offered', route: 'stop hook' }])
    clock.ms += 1
    await take(store, 's1', 1, 'inbox')
    expect(await store.receipts(id, 10)).toMatchObject([{ route: 'inbox', offeredAt: START_MS + 1 }])
  },
  'a receipt never goes back: a rewind leaves it consumed with its first proof': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await take(store, 's1', 1, 'inbox')
    await confirm(store, 's1', 'next call')
    const before = await store.receipts(id, 10)
    clock.ms += 1
    await acknowledge(store, 's1', 0, true)
    expect(await store.receipts(id, 10)).toEqual(before)
    await take(store, 's1', 1, 'prompt hook')
    await confirm(store, 's1', 'ack')
    expect(await store.receipts(id, 10)).toEqual(before)
  },
  'a reply answers: it is proof, and the first one stands': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    clock.ms += 1
    const reply = await publish(store, { senderId: 's1', replyTo: id })
    await publish(store, { senderId: 's1', replyTo: id })
    expect(await store.receipts(id, 10)).toEqual([
      {
        eventId: id,
        sessionId: 's1',
        state: 'answered',
        proof: 'reply',
        consumedAt: START_MS + 1,
        answeredBy: reply.id,
      },
    ])
    expect(await unreadIds(store, 's1')).toEqual([])
  },
  'a reply under an open offer closes it for that event only': async ({ store }) => {
    await join(store, 's1')
    const one = await publish(store)
    await publish(store)
    await take(store, 's1', 10, 'inbox')
    const reply = await publish(store, { senderId: 's1', replyTo: one.id })
    const [receipt] = await store.receipts(one.id, 10)
    expect(receipt).toMatchObject({ state: 'answered', route: 'inbox', proof: 'reply', answeredBy: reply.id })
    expect(await confirm(store, 's1')).toBe(1)
  },
  'whoever looks on is told what each commit made of whose messages, once': async ({ store, clock }) => {
    await join(store, 's1')
    await join(store, 's2')
    const told: unknown[] = []
    const stop = store.onReceipts(changes => void told.push(...changes))
    const news = async () => {
      await new Promise(resolve => setImmediate(resolve))
      return told.splice(0)
    }
    for (let n = 0; n < 3; n++) await publish(store, { senderId: 's9', expiresAt: START_MS + 10 })
    expect(await news()).toEqual([])
    await take(store, 's1', 1)
    expect(await news()).toEqual([{ eventId: 1, sessionId: 's1', state: 'offered', route: 'inbox' }])
    await confirm(store, 's1')
    expect(await news()).toEqual([
      { eventId: 1, sessionId: 's1', state: 'consumed', route: 'inbox', proof: 'next call' },
    ])
    const key = { scope: 's', key: 'k', fingerprint: 'f' }
    for (let n = 0; n < 2; n++) {
      await store.commit([{ kind: 'acknowledge', sessionId: 's1', upTo: 2, proof: 'ack' }], key)
    }
    await publish(store, { senderId: 's2', replyTo: 1 })
    expect(await news()).toEqual([
      { eventId: 2, sessionId: 's1', state: 'consumed', proof: 'ack' },
      { eventId: 1, sessionId: 's2', state: 'answered', answeredBy: 4 },
    ])
    clock.ms += 10
    await done(store, { kind: 'expire' })
    expect(await news()).toMatchObject([
      { eventId: 2, sessionId: 's2', state: 'expired' },
      { eventId: 3, sessionId: 's1', state: 'expired' },
      { eventId: 3, sessionId: 's2', state: 'expired' },
    ])
    stop()
    await take(store, 's1')
    expect(await news()).toEqual([])
  },
  'a reply to what was consumed keeps the proof': async ({ store }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await acknowledge(store, 's1', id)
    await publish(store, { senderId: 's1', replyTo: id })
    expect(await store.receipts(id, 10)).toMatchObject([{ state: 'answered', proof: 'ack' }])
  },
  'a reply by one for whom the event was not makes no receipt': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const direct = await publish(store, { channels: ['session:s1'], senderId: 's1' })
    for (const senderId of ['s1', 's2', 'token:ci']) await publish(store, { senderId, replyTo: direct.id })
    expect(await store.receipts(direct.id, 10)).toEqual([])
  },
  'those with a history come first, each group by registration': async ({ store }) => {
    for (const id of ['s3', 's1', 's4', 's2']) await join(store, id)
    const { id } = await publish(store)
    await take(store, 's2')
    await take(store, 's1')
    const found = await store.receipts(id, 10)
    expect(found.map(each => each.sessionId)).toEqual(['s1', 's2', 's3', 's4'])
    expect((await store.receipts(id, 3)).map(each => each.sessionId)).toEqual(['s1', 's2', 's3'])
    expect((await store.receipts(id, 1)).map(each => each.sessionId)).toEqual(['s1'])
  },
}
