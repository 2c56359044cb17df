import { expect } from 'vitest'
import { aSession, type Cases, done, join, names, publish, unreadIds } from './bench.ts'

const follow = (sessionId: string, channels: string[], backfillMs = 0) =>
  ({ kind: 'follow', sessionId, channels, backfillMs }) as const

export const channels: Cases = {
  'following says what is new and what is left': async ({ store }) => {
    await done(store, { kind: 'createSession', session: aSession('s1') })
    expect(await done(store, follow('s1', ['topic:b', 'all', 'topic:b', 'topic:a']))).toEqual([
      { added: ['topic:b', 'all', 'topic:a'], removed: [] },
    ])
    expect(await done(store, follow('s1', ['all', 'topic:c']))).toEqual([
      { added: ['topic:c'], removed: ['topic:a', 'topic:b'] },
    ])
    expect(await done(store, follow('s1', ['all', 'topic:c']))).toEqual([{ added: [], removed: [] }])
  },
  'a late joiner gets what was broadcast within the backfill': async ({ store, clock }) => {
    await publish(store)
    clock.ms += 10
    const inside = await publish(store)
    clock.ms += 10
    await done(store, { kind: 'createSession', session: aSession('s1') }, follow('s1', ['all'], 20))
    expect(await unreadIds(store, 's1')).toEqual([inside.id])
  },
  'no backfill means only what comes after, even within the same moment': async ({ store }) => {
    await publish(store)
    await done(store, { kind: 'createSession', session: aSession('s1') }, follow('s1', ['all'], 0))
    const after = await publish(store)
    expect(await unreadIds(store, 's1')).toEqual([after.id])
  },
  'what was sent to a session waits for it from the beginning, whatever the backfill': async ({ store, clock }) => {
    const early = await publish(store, { channels: ['session:s1'] })
    clock.ms += 3600_000
    await done(store, { kind: 'createSession', session: aSession('s1') }, follow('s1', ['session:s1', 'all'], 0))
    expect(await unreadIds(store, 's1')).toEqual([early.id])
  },
  'a channel that is followed again goes on where it was': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    await publish(store, { channels: ['topic:a'] })
    await done(store, { kind: 'offer', sessionId: 's1', limit: 9, route: 'inbox' })
    await done(store, { kind: 'confirm', sessionId: 's1', proof: 'next call' }, follow('s1', ['all']))
    const missed = await publish(store, { channels: ['topic:a'] })
    expect(await unreadIds(store, 's1')).toEqual([])
    await done(store, follow('s1', ['all', 'topic:a'], 3600_000))
    expect(await unreadIds(store, 's1')).toEqual([missed.id])
  },
  'a channel that is followed again brings nothing from before it was first followed': async ({ store }) => {
    await publish(store, { channels: ['topic:a'] })
    await join(store, 's1', ['topic:a'])
    await done(store, follow('s1', ['all']), follow('s1', ['all', 'topic:a'], 3600_000))
    expect(await unreadIds(store, 's1')).toEqual([])
  },
  'a rewind goes for channels that are followed again, too': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    const { id } = await publish(store, { channels: ['topic:a'] })
    await done(
      store,
      { kind: 'acknowledge', sessionId: 's1', upTo: id, proof: 'ack' },
      follow('s1', ['all']),
      { kind: 'acknowledge', sessionId: 's1', upTo: 0, proof: 'ack', rewind: true },
      follow('s1', ['all', 'topic:a'], 3600_000),
    )
    expect(await unreadIds(store, 's1')).toEqual([id])
  },
  'a channel that is followed again goes on from the backfill if that is later': async ({ store, clock }) => {
    await join(store, 's1', ['topic:a'])
    await done(store, follow('s1', ['all']))
    await publish(store, { channels: ['topic:a'] })
    clock.ms += 100
    const recent = await publish(store, { channels: ['topic:a'] })
    await done(store, follow('s1', ['all', 'topic:a'], 50))
    expect(await unreadIds(store, 's1')).toEqual([recent.id])
  },
  'following on changes no position': async ({ store, clock }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    clock.ms += 1_000
    await done(store, follow('s1', ['all', 'topic:a'], 0))
    expect(await unreadIds(store, 's1')).toEqual([id])
  },
  'a channel is followed also by the ended, and its followers are those who are there': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    await join(store, 's2', ['topic:a', 'topic:b'])
    await join(store, 's3', ['topic:b'])
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    expect(names(await store.followers(['topic:a'], 10))).toEqual(['s2'])
    expect(names(await store.followers(['topic:a', 'topic:b'], 10))).toEqual(['s2', 's3'])
    expect(await store.followers(['all'], 1)).toHaveLength(1)
    expect(await store.followers([], 10)).toEqual([])
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    expect(await store.isFollowed('topic:a')).toBe(true)
    expect(await store.isFollowed('topic:c')).toBe(false)
    await done(store, follow('s1', ['all']), follow('s2', ['all']))
    expect(await store.isFollowed('topic:a')).toBe(false)
  },
  'channels are counted by those who are there': async ({ store }) => {
    await join(store, 's1', ['topic:a'])
    await join(store, 's2', ['topic:b'])
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    expect(await store.channels(99)).toEqual([
      { channel: 'all', followers: 1 },
      { channel: 'topic:a', followers: 1 },
    ])
  },
  'an ended session that follows on is counted only when it is back': async ({ store }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: '' }, follow('s1', ['all', 'topic:a']))
    expect(await store.followers(['topic:a'], 10)).toEqual([])
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(names(await store.followers(['topic:a'], 10))).toEqual(['s1'])
  },
}
