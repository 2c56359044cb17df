import { expect } from 'vitest'
import { acknowledge, type Cases, confirm, done, ids, join, log, publish, take, unreadIds } from './bench.ts'

const prune = (more: object) => ({ kind: 'prune', ...more }) as const

export const upkeep: Cases = {
  'old events are forgotten': async ({ store, clock }) => {
    await publish(store)
    clock.ms += 10
    await publish(store)
    clock.ms += 10
    expect(await done(store, prune({ olderThanMs: 10 }))).toEqual([
      { events: 1, sessions: 0, keptUnread: 0, undeliverable: [] },
    ])
    expect(ids(await log(store))).toEqual([2])
    expect(await store.event(1)).toBeUndefined()
    expect(await store.bounds()).toEqual({ oldest: 2, newest: 2, prunedUpTo: 1 })
    expect(await store.stats()).toMatchObject({ events: 1 })
  },
  'all but the newest are forgotten': async ({ store }) => {
    for (let n = 0; n < 5; n++) await publish(store)
    expect(await done(store, prune({ keepNewest: 2 }))).toEqual([
      { events: 3, sessions: 0, keptUnread: 0, undeliverable: [] },
    ])
    expect(ids(await log(store))).toEqual([4, 5])
    expect(await done(store, prune({ keepNewest: 2 }))).toEqual([
      { events: 0, sessions: 0, keptUnread: 0, undeliverable: [] },
    ])
    expect(await done(store, prune({ keepNewest: 9 }))).toEqual([
      { events: 0, sessions: 0, keptUnread: 0, undeliverable: [] },
    ])
  },
  'without a measure nothing is forgotten': async ({ store, clock }) => {
    await publish(store)
    clock.ms += 1e9
    expect(await done(store, prune({}))).toEqual([{ events: 0, sessions: 0, keptUnread: 0, undeliverable: [] }])
  },
  'ids are never reused, not even when the newest event is forgotten': async ({ store }) => {
    await publish(store)
    await publish(store)
    await done(store, prune({ keepNewest: 0 }))
    expect(await log(store)).toEqual([])
    expect(await store.bounds()).toEqual({ oldest: 0, newest: 2, prunedUpTo: 2 })
    expect((await publish(store)).id).toBe(3)
    expect(await store.bounds()).toEqual({ oldest: 3, newest: 3, prunedUpTo: 2 })
  },
  'what some session has not read is kept, the ended ones included': async ({ store, clock }) => {
    await join(store, 's1', ['topic:a'])
    await join(store, 's2')
    await publish(store, { channels: ['topic:a'] })
    await publish(store)
    await publish(store, { channels: ['topic:b'] })
    await publish(store, { level: 'lifecycle' })
    await acknowledge(store, 's2', 4)
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    clock.ms += 100
    expect(await done(store, prune({ olderThanMs: 1 }))).toEqual([
      { events: 2, sessions: 0, keptUnread: 2, undeliverable: [] },
    ])
    expect(ids(await log(store))).toEqual([1, 2])
    expect(await unreadIds(store, 's1')).toEqual([1, 2])
    await acknowledge(store, 's1', 4)
    expect(await done(store, prune({ olderThanMs: 1 }))).toEqual([
      { events: 2, sessions: 0, keptUnread: 0, undeliverable: [] },
    ])
  },
  'what is offered and not confirmed counts as unread': async ({ store }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await take(store, 's1')
    expect(await done(store, prune({ keepNewest: 0 }))).toEqual([
      { events: 0, sessions: 0, keptUnread: 1, undeliverable: [] },
    ])
    expect(ids(await log(store))).toEqual([id])
    await confirm(store, 's1')
    expect(await done(store, prune({ keepNewest: 0 }))).toMatchObject([{ events: 1 }])
  },
  "a sender's own event waits for nobody": async ({ store }) => {
    await join(store, 's1')
    await publish(store, { senderId: 's1' })
    expect(await done(store, prune({ keepNewest: 0 }))).toMatchObject([{ events: 1, keptUnread: 0 }])
  },
  'receipts of kept events are kept, those of forgotten ones go': async ({ store, clock }) => {
    await join(store, 's1')
    const old = await publish(store)
    clock.ms += 10
    const young = await publish(store)
    await take(store, 's1')
    await confirm(store, 's1')
    const before = await store.receipts(young.id, 10)
    await done(store, prune({ olderThanMs: 5 }))
    expect(await store.receipts(old.id, 10)).toEqual([])
    expect(await store.receipts(young.id, 10)).toEqual(before)
  },
  'sessions that ended long ago are forgotten first, and hold nothing back': async ({ store, clock }) => {
    await join(store, 'operator')
    await join(store, 's1', ['topic:a'], { clientId: 'c1' })
    await join(store, 's2')
    const { id } = await publish(store, { channels: ['topic:a', 'session:s1'] })
    await take(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: '' }, { kind: 'endSession', id: 'operator', reason: '' })
    clock.ms += 100
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    const lost = { eventId: id, senderId: 'token:ci', sessionName: 's1' }
    const old = prune({ olderThanMs: 1, forgetEndedMs: 100 })
    const gives = { events: 1, sessions: 1, keptUnread: 0, undeliverable: [lost] }
    expect(await done(store, { ...old, dryRun: true })).toEqual([{ ...gives, undeliverable: [] }])
    expect(await store.receipts(id, 10)).toMatchObject([{ sessionId: 's1', state: 'offered' }])
    expect(await store.session('s1')).toBeDefined()
    expect(await done(store, old)).toEqual([gives])
    expect(await store.session('s1')).toBeUndefined()
    expect(await store.sessionOfClient('operator', 'm1', 'c1')).toBeUndefined()
    expect(await store.session('s2')).toBeDefined()
    expect(await store.session('operator')).toBeDefined()
    expect(await store.isFollowed('topic:a')).toBe(false)
    await join(store, 's3', [], { codename: 'code-s1', clientId: 'c1' })
  },
  "mail of a forgotten session is undeliverable, and its kept events' receipts say so": async ({ store, clock }) => {
    await join(store, 's1')
    await join(store, 's2')
    const read = await publish(store, { channels: ['session:s1'] })
    await acknowledge(store, 's1', read.id)
    const broadcast = await publish(store)
    const direct = await publish(store, { channels: ['session:s1', 'session:s2'], senderId: 's2' })
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    clock.ms += 10
    const [{ events, sessions, undeliverable }] = await done(store, prune({ forgetEndedMs: 10 }))
    expect({ events, sessions }).toEqual({ events: 0, sessions: 1 })
    expect(undeliverable).toEqual([{ eventId: direct.id, senderId: 's2', sessionName: 's1' }])
    expect(await store.receipts(direct.id, 10)).toEqual([
      {
        eventId: direct.id,
        sessionId: 's1',
        sessionName: 's1',
        state: 'undeliverable',
        reason: expect.stringContaining('forgotten'),
      },
    ])
    expect(await store.receipts(read.id, 10)).toEqual([])
    expect(await store.receipts(broadcast.id, 10)).toMatchObject([{ sessionId: 's2', state: 'stored' }])
    await acknowledge(store, 's2', direct.id)
    await done(store, prune({ keepNewest: 0 }))
    expect(await store.receipts(direct.id, 10)).toEqual([])
  },
  'a look at a sound store finds no fault': async ({ store }) => {
    await publish(store)
    const { engine, faults } = await store.inspect()
    expect(engine).not.toBe('')
    expect(faults).toEqual([])
  },
  'a dry run only counts': async ({ store, clock }) => {
    await join(store, 's1')
    await publish(store)
    await publish(store, { channels: ['topic:a'], text: 'findme' })
    clock.ms += 10
    const dry = prune({ olderThanMs: 1, dryRun: true })
    expect(await done(store, dry)).toEqual([{ events: 1, sessions: 0, keptUnread: 1, undeliverable: [] }])
    expect(await store.bounds()).toEqual({ oldest: 1, newest: 2, prunedUpTo: 0 })
    expect((await store.events({ query: 'findme', order: 'asc', limit: 9 })).events).toHaveLength(1)
    expect(await store.stats()).toMatchObject({ events: 2 })
  },
  'a forgotten event cannot be answered, found or acknowledged into being': async ({ store }) => {
    await join(store, 's1')
    const { id } = await publish(store, { text: 'findme', channels: ['topic:a'], thread: 't' })
    await done(store, prune({ keepNewest: 0 }))
    for (const query of [{ query: 'findme' }, { thread: 't' }, { channels: ['topic:a'] }]) {
      expect((await store.events({ ...query, order: 'asc', limit: 9 })).events).toEqual([])
    }
    expect(await acknowledge(store, 's1', id)).toEqual({ position: id, consumed: 0 })
  },
  'a value that is kept under a name stays, and later ones are not kept': async ({ store }) => {
    const keep = (name: string, value: string) => ({ kind: 'keep', name, value }) as const
    expect(await done(store, keep('secret', 'a\u0000\uD800'))).toEqual([{ value: 'a\u0000\uD800' }])
    expect(await done(store, keep('secret', 'b'), keep('other', 'c'))).toEqual([
      { value: 'a\u0000\uD800' },
      { value: 'c' },
    ])
    expect(await store.kept('secret')).toBe('a\u0000\uD800')
    expect(await store.kept('none')).toBeUndefined()
  },
}
