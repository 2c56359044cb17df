import { expect } from 'vitest'
import { type Cases, confirm, done, join, publish, START_MS, take } from './bench.ts'

/** Why a session says what it says next. */
export const talk: Cases = {
  'a session that was shown nothing answers nothing, and an unknown one has no talk': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { hops: 3 })
    expect(await store.talk('s1')).toEqual({ begunAt: 0 })
    expect(await store.talk('nobody')).toBeUndefined()
    await done(
      store,
      { kind: 'continueTalk', sessionId: 'nobody', chain: { hops: 1, root: 1 } },
      { kind: 'beginTalk', sessionId: 'nobody' },
    )
    expect(await store.talk('nobody')).toBeUndefined()
  },
  'an offer gives the longest chain of what it shows, and a proof changes nothing': async ({ store }) => {
    await join(store, 's1')
    const first = await publish(store, { hops: 5, root: 40 })
    expect(await take(store, 's1')).toMatchObject({ messages: [first] })
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 5, root: 40 } })
    await publish(store, { hops: 2, isBegun: true })
    await take(store, 's1')
    await confirm(store, 's1')
    await take(store, 's1')
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 5, root: 40 } })
    const longer = await publish(store, { hops: 6, isBegun: true })
    await take(store, 's1')
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 6, root: longer.id, isBegun: true } })
  },
  'a chain that began later takes the place of an earlier one where it names the session': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { hops: 5 })
    await take(store, 's1')
    const old = { hops: 5, root: 1 }
    const mine = { channels: ['session:s1'] }
    for (const other of [{ ...mine }, { isBegun: true as const }, { ...mine, isBegun: true as const, root: 1 }]) {
      await publish(store, { ...other, hops: 1 })
      await take(store, 's1')
      expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: old })
    }
    const { id } = await publish(store, { ...mine, isBegun: true, hops: 2 })
    await take(store, 's1')
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 2, root: id, isBegun: true } })
    // Not of what is shown beside it.
    await publish(store, { hops: 4 })
    await publish(store, { ...mine, isBegun: true })
    await take(store, 's1')
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 4, root: id + 1 } })
  },
  'something that begins ends what was shown before, of this session only': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const { id } = await publish(store, { hops: 5 })
    await take(store, 's1')
    await take(store, 's2')
    await done(store, { kind: 'beginTalk', sessionId: 's1' })
    expect(await store.talk('s1')).toEqual({ begunAt: id })
    expect(await store.talk('s2')).toMatchObject({ chain: { hops: 5 } })
  },
  'a chain that is continued begins for all who talk of it, and for nobody else': async ({ store }) => {
    for (const id of ['s1', 's2', 's3', 's4']) await join(store, id)
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 4, root: 7 } })
    await done(store, { kind: 'continueTalk', sessionId: 's2', chain: { hops: 8, root: 7 } })
    await done(store, { kind: 'continueTalk', sessionId: 's3', chain: { hops: 4, root: 8 } })
    const { id } = await publish(store)
    await done(store, { kind: 'beginTalks', root: 7 })
    expect(await Promise.all(['s1', 's2', 's3', 's4'].map(each => store.talk(each)))).toEqual([
      { begunAt: id },
      { begunAt: id },
      { begunAt: 0, chain: { hops: 4, root: 8 } },
      { begunAt: 0 },
    ])
  },
  'in one commit, what begins comes before what is offered behind it': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { hops: 5 })
    await take(store, 's1')
    const { id } = await publish(store, { hops: 1 })
    await done(
      store,
      { kind: 'beginTalk', sessionId: 's1' },
      { kind: 'offer', sessionId: 's1', limit: 9, route: 'prompt hook' },
    )
    expect(await store.talk('s1')).toEqual({ begunAt: id, chain: { hops: 1, root: id } })
  },
  "a person's message begins, and what is shown beside it counts": async ({ store }) => {
    await join(store, 's1')
    await publish(store, { hops: 7 })
    await take(store, 's1')
    const before = await publish(store, { hops: 2 })
    const prompt = await publish(store, { senderId: 'operator', isPrompt: true })
    expect((await take(store, 's1')).messages).toEqual([before, prompt])
    expect(await store.talk('s1')).toEqual({ begunAt: prompt.id, chain: { hops: 2, root: before.id } })
  },
  "the bus's own notices neither begin nor continue anything": async ({ store }) => {
    await join(store, 's1')
    await publish(store, { senderId: 'system' })
    await take(store, 's1')
    expect(await store.talk('s1')).toEqual({ begunAt: 0 })
  },
  'what is shown without an offer counts as well, and fewer hops do not lower it': async ({ store }) => {
    await join(store, 's1')
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 4, root: 7 } })
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 1, root: 8 } })
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 4, root: 7 } })
  },
  'a chain may end at a time, the longest at its own': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store, { hops: 3 })
    await done(store, { kind: 'offer', sessionId: 's1', limit: 1, route: 'inbox', talkUntil: START_MS + 10 })
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 1, root: 9, until: START_MS + 99 } })
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 3, root: id, until: START_MS + 10 } })
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 3, root: id, until: START_MS + 20 } })
    clock.ms += 19
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 3, root: id, until: START_MS + 20 } })
    clock.ms += 1
    expect(await store.talk('s1')).toEqual({ begunAt: 0 })
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 1, root: 9 } })
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 1, root: 9 } })
    await done(store, { kind: 'continueTalk', sessionId: 's1', chain: { hops: 1, root: 9, until: START_MS + 99 } })
    expect(await store.talk('s1')).toEqual({ begunAt: 0, chain: { hops: 1, root: 9 } })
  },
  'a session that ends and comes back goes on': async ({ store }) => {
    await join(store, 's1')
    await publish(store, { hops: 3 })
    await take(store, 's1')
    await done(
      store,
      { kind: 'endSession', id: 's1', reason: '' },
      { kind: 'updateSession', id: 's1', patch: {}, revive: true, reofferUnproved: true },
    )
    expect(await store.talk('s1')).toMatchObject({ chain: { hops: 3 } })
  },
}
