import { expect } from 'vitest'
import { acknowledge, type Cases, confirm, join, publish, refused, take, unreadIds } from './bench.ts'

export const acknowledgements: Cases = {
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
  'what waits before a later proof can be acknowledged, and the position stays where it was': async ({ store }) => {
    await join(store, 's1')
    await publish(store)
    await publish(store)
    const { id } = await publish(store, { urgency: 'now' })
    await take(store, 's1', 1)
    await confirm(store, 's1')
    expect(await acknowledge(store, 's1', 1)).toEqual({ position: id, consumed: 1 })
    const again = { kind: 'acknowledge', sessionId: 's1', upTo: 1, proof: 'ack' } as const
    expect(await refused(store, again)).toEqual({ code: 'bad_cursor', asked: 1, position: id, newest: id })
    expect(await unreadIds(store, 's1')).toEqual([2])
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
}
