import { expect } from 'vitest'
import { acknowledge, type Cases, confirm, done, join, publish, START_MS, take, unreadIds } from './bench.ts'

export const receipts: Cases = {
  'of a group an ended session is no recipient: not of what is stored, held or expires': async ({ store, clock }) => {
    for (const id of ['s1', 's2', 's3', 's4']) await join(store, id)
    const read = await publish(store)
    await take(store, 's3')
    await confirm(store, 's3')
    for (const id of ['s2', 's3', 's4']) await done(store, { kind: 'endSession', id, reason: '' })
    const channels = ['all', 'session:s2']
    const stored = await publish(store, { channels })
    const held = await publish(store, { channels, held: 'too many hops' })
    const expiring = await publish(store, { channels, expiresAt: START_MS + 10 })
    const states = async ({ id }: { id: number }) =>
      (await store.receipts(id, 10)).map(({ sessionId, state }) => `${sessionId} ${state}`)
    expect(await states(read)).toEqual(['s3 consumed', 's1 stored'])
    expect(await states(stored)).toEqual(['s1 stored', 's2 stored'])
    expect(await states(held)).toEqual(['s1 held', 's2 held'])
    clock.ms += 10
    expect(await done(store, { kind: 'expire' })).toMatchObject([
      { expired: [{ sessionIds: ['s1', 's2'], unreadBy: 2 }] },
    ])
    expect(await states(expiring)).toEqual(['s1 expired', 's2 expired'])
    await done(store, { kind: 'updateSession', id: 's4', patch: {}, revive: true })
    expect(await states(stored)).toEqual(['s1 stored', 's2 stored', 's4 stored'])
    expect(await unreadIds(store, 's4')).toEqual([read.id, stored.id])
  },
  'an event is stored for each who follows a channel of it, once': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    await join(store, 's2')
    await join(store, 's3')
    await done(store, { kind: 'endSession', id: 's3', reason: '' })
    const { id } = await publish(store, { senderId: 's2', channels: ['all', 'topic:a', 'session:s1', 'session:s3'] })
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
  'what is held is never answered, and a reply to it is told to no listener': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store, { senderId: 's2', channels: ['session:s1'], held: 'too many hops' })
    const told: unknown[] = []
    const stop = store.onReceipts(changes => void told.push(...changes))
    await publish(store, { senderId: 's1', channels: ['session:s2'], replyTo: id })
    await new Promise(resolve => setImmediate(resolve))
    stop()
    expect(await store.receipts(id, 10)).toEqual([
      { eventId: id, sessionId: 's1', state: 'held', reason: 'too many hops' },
    ])
    expect(told).toEqual([])
  },
  'a reply that is held proves reading, and answers once it goes on': async ({ store, clock }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store, { senderId: 's2', channels: ['session:s1'] })
    clock.ms += 1
    const reply = { senderId: 's1', channels: ['session:s2'], replyTo: id }
    const held = await publish(store, { ...reply, held: 'too many hops' })
    const read = { eventId: id, sessionId: 's1', state: 'consumed', proof: 'reply', consumedAt: START_MS + 1 }
    expect(await store.receipts(id, 10)).toEqual([read])
    const going = await publish(store, { ...reply, continues: held.id })
    expect(await store.receipts(id, 10)).toEqual([{ ...read, state: 'answered', answeredBy: going.id }])
  },
  'only what answers is told as an answer': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store, { channels: ['session:s1'] })
    const told: unknown[] = []
    const stop = store.onReceipts(changes => void told.push(...changes))
    // Not for this one; then the answer; then another word on it.
    for (const senderId of ['s2', 's1', 's1']) await publish(store, { senderId, channels: ['topic:x'], replyTo: id })
    await new Promise(resolve => setImmediate(resolve))
    stop()
    expect(told).toEqual([{ eventId: id, sessionId: 's1', state: 'answered', answeredBy: id + 2 }])
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
  'a listener gets each change of a receipt once, after the commit that made it': async ({ store, clock }) => {
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
