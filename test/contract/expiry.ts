import { expect } from 'vitest'
import {
  acknowledge,
  anEvent,
  aSession,
  type Cases,
  confirm,
  done,
  join,
  publish,
  START_MS,
  take,
  unreadIds,
} from './bench.ts'

export const expiry: Cases = {
  'what has expired leaves the inboxes of those who have not been shown it, once': async ({ store, clock }) => {
    for (const id of ['s1', 's2', 's3']) await join(store, id)
    const event = await publish(store, { senderId: 's3', expiresAt: START_MS + 10 })
    await publish(store, { expiresAt: START_MS + 11 })
    await take(store, 's2', 1)
    expect(await done(store, { kind: 'expire' })).toEqual([{ expired: [] }])
    clock.ms += 10
    expect(await done(store, { kind: 'expire' })).toEqual([{ expired: [{ event, sessionIds: ['s1'], unreadBy: 1 }] }])
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
}
