import { expect } from 'vitest'
import type { EventQuery } from '../../src/bus/store-reads.ts'
import { anEvent, type Bench, type Cases, done, ids, log, publish, refused, START_MS } from './bench.ts'

const exact = [
  'plain',
  '"quotes" \\ and \u0000 nul',
  'lone \uD800 and \uDC00 surrogates',
  '\u{1F600} astral, \u202E and \u2028',
]

async function found({ store }: Bench, query: Partial<EventQuery>): Promise<number[]> {
  return ids((await store.events({ order: 'asc', limit: 100, ...query })).events)
}

export const events: Cases = {
  'an event is read as it was written': async ({ store }) => {
    const event = anEvent({
      channels: ['all', 'topic:a'],
      title: exact[1]!,
      text: exact[2]!,
      tags: exact,
      thread: 't1',
      data: { nested: [exact, null, true, 0.1, 1e300, -7] },
      hops: 3,
    })
    const [stored] = await done(store, { kind: 'append', event })
    expect(stored).toEqual({ id: 1, at: START_MS, ...event })
    expect(await store.event(1)).toEqual(stored)
    expect(await log(store)).toEqual([stored])
  },
  'data is what JSON makes of it, with keys such as __proto__ and numbers past 2^53': async ({ store }) => {
    const text = '{"__proto__":{"a":1},"constructor":null,"":[9007199254740993,1e400,-0],"a":"\\ud800"}'
    const { id } = await publish(store, { data: JSON.parse(text) })
    const { data } = (await store.event(id))!
    expect(JSON.stringify(data)).toBe(JSON.stringify(JSON.parse(text)))
    expect(Object.keys(data as object)).toEqual(['__proto__', 'constructor', '', 'a'])
  },
  'data may be null, and is absent where there is none': async ({ store }) => {
    const withNull = await publish(store, { data: null })
    const without = await publish(store, { data: undefined })
    expect(withNull.data).toBeNull()
    expect((await store.event(withNull.id))?.data).toBeNull()
    expect(without).not.toHaveProperty('data')
    expect(await store.event(without.id)).not.toHaveProperty('data')
  },
  'an event that answers an unknown one is refused': async ({ store }) => {
    const reply = { kind: 'append', event: anEvent({ replyTo: 7 }) } as const
    expect(await refused(store, reply)).toEqual({ code: 'not_found', what: 'event' })
  },
  'an empty log has bounds of 0': async ({ store }) => {
    expect(await store.bounds()).toEqual({ oldest: 0, newest: 0, prunedUpTo: 0 })
    expect(await store.event(1)).toBeUndefined()
  },
  'times never decrease from one event to the next': async ({ store, clock }) => {
    for (const by of [10, -50, 5, -5, 100]) {
      clock.ms += by
      await publish(store)
    }
    const times = (await log(store)).map(event => event.at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  },
  'a page is cut from the side that the order says': async bench => {
    for (let n = 0; n < 6; n++) await publish(bench.store)
    expect(await found(bench, { limit: 2 })).toEqual([1, 2])
    expect(await found(bench, { limit: 2, order: 'desc' })).toEqual([6, 5])
    expect(await found(bench, { after: 2, before: 6, limit: 2 })).toEqual([3, 4])
    expect(await found(bench, { after: 2, before: 6, limit: 2, order: 'desc' })).toEqual([5, 4])
    expect(await found(bench, { after: 6 })).toEqual([])
    expect(await found(bench, { limit: 0 })).toEqual([])
  },
  'each filter narrows, and together they narrow further': async bench => {
    const { store } = bench
    await publish(store, { channels: ['all'], type: 'a', level: 'lifecycle' })
    await publish(store, { channels: ['topic:x'], type: 'b', senderId: 's1', level: 'info', thread: 't1' })
    await publish(store, { channels: ['all', 'topic:x'], type: 'b', senderId: 's2', level: 'actionable' })
    await publish(store, { channels: ['session:s9'], type: 'c', senderId: 's1', level: 'actionable', thread: 't1' })
    expect(await found(bench, { channels: ['all'] })).toEqual([1, 3])
    expect(await found(bench, { channels: ['topic:x', 'all'] })).toEqual([1, 2, 3])
    expect(await found(bench, { channels: ['topic:x', 'all'], order: 'desc', limit: 2 })).toEqual([3, 2])
    expect(await found(bench, { channels: ['none'] })).toEqual([])
    expect(await found(bench, { types: ['b'] })).toEqual([2, 3])
    expect(await found(bench, { types: ['c', 'a'] })).toEqual([1, 4])
    expect(await found(bench, { senderId: 's1' })).toEqual([2, 4])
    expect(await found(bench, { notSenderId: 's1' })).toEqual([1, 3])
    expect(await found(bench, { thread: 't1' })).toEqual([2, 4])
    expect(await found(bench, { minLevel: 'lifecycle' })).toEqual([1, 2, 3, 4])
    expect(await found(bench, { minLevel: 'info' })).toEqual([2, 3, 4])
    expect(await found(bench, { minLevel: 'actionable' })).toEqual([3, 4])
    expect(await found(bench, { minLevel: 'info', channels: ['all'] })).toEqual([3])
    expect(await found(bench, { types: ['b'], channels: ['all'] })).toEqual([3])
    expect(await found(bench, { types: ['b', 'c'], thread: 't1', notSenderId: 's2', after: 2 })).toEqual([4])
    expect(await found(bench, { channels: [] })).toEqual([])
    expect(await found(bench, { types: [] })).toEqual([])
  },
  'a search finds whole words in text, title, type and tags, in any order and case': async bench => {
    const { store } = bench
    await publish(store, { text: 'The Flaky test_1 of Ärger.', title: 'CI' })
    await publish(store, { text: 'other', type: 'ci_failed', tags: ['flaky', 'Straße'] })
    await publish(store, { text: '日本語 テスト, naïve: x=1' })
    expect(await found(bench, { query: 'flaky' })).toEqual([1, 2])
    expect(await found(bench, { query: 'TEST_1 the' })).toEqual([1])
    expect(await found(bench, { query: 'test' })).toEqual([])
    expect(await found(bench, { query: 'flak' })).toEqual([])
    expect(await found(bench, { query: 'ci' })).toEqual([1])
    expect(await found(bench, { query: 'ci_failed flaky' })).toEqual([2])
    expect(await found(bench, { query: 'ärger' })).toEqual([1])
    expect(await found(bench, { query: 'arger' })).toEqual([])
    expect(await found(bench, { query: 'STRASSE' })).toEqual([])
    expect(await found(bench, { query: 'テスト' })).toEqual([3])
    expect(await found(bench, { query: '1 x' })).toEqual([3])
    expect(await found(bench, { query: 'flaky nothere' })).toEqual([])
  },
  'what means something to a search engine means nothing here': async bench => {
    await publish(bench.store, { text: 'alpha or beta near gamma' })
    for (const query of [
      'alpha OR zeta',
      'alpha NOT beta',
      'alp*',
      'NEAR(alpha gamma) zeta',
      'text : zeta',
      '^beta x',
    ]) {
      expect(await found(bench, { query })).toEqual([])
    }
    expect(await found(bench, { query: '"beta" -alpha (OR*' })).toEqual([1])
    expect(await found(bench, { query: "'; DROP TABLE events; --" })).toEqual([])
  },
  'a search without words narrows nothing': async bench => {
    await publish(bench.store)
    expect(await found(bench, { query: '' })).toEqual([1])
    expect(await found(bench, { query: ' -*"! ' })).toEqual([1])
  },
  'a search goes together with filters, order and pages': async bench => {
    const { store } = bench
    for (let n = 1; n <= 200; n++) {
      await publish(store, { text: `build ${n} ${n % 2 ? 'odd' : 'even'}`, channels: [n % 3 ? 'all' : 'topic:x'] })
    }
    expect(await found(bench, { query: 'build even', limit: 3 })).toEqual([2, 4, 6])
    expect(await found(bench, { query: 'build even', limit: 3, order: 'desc' })).toEqual([200, 198, 196])
    expect(await found(bench, { query: 'odd', channels: ['topic:x'], after: 10, limit: 2 })).toEqual([15, 21])
    expect(await found(bench, { query: 'odd', before: 8, order: 'desc', limit: 2 })).toEqual([7, 5])
    expect(await found(bench, { query: '17' })).toEqual([17])
    expect(await found(bench, { query: '199' })).toEqual([199])
    await done(store, { kind: 'prune', keepNewest: 100 })
    expect(await found(bench, { query: 'build', limit: 2 })).toEqual([101, 102])
  },
  'a thread begins with the event whose id it bears': async bench => {
    const { store } = bench
    await publish(store)
    const root = await publish(store)
    await publish(store, { replyTo: root.id, thread: String(root.id) })
    await publish(store, { thread: 'of its own' })
    expect(await found(bench, { thread: '2' })).toEqual([2, 3])
    expect(await found(bench, { thread: '2', senderId: root.senderId, after: 1, order: 'desc' })).toEqual([3, 2])
    expect(await found(bench, { thread: '3' })).toEqual([])
    expect(await found(bench, { thread: '02' })).toEqual([])
    expect(await found(bench, { thread: 'of its own' })).toEqual([4])
  },
  'filters find old and new events alike, in pages of either order': async bench => {
    const { store } = bench
    for (let n = 1; n <= 200; n++) {
      await publish(store, {
        type: n % 5 ? 'a' : 'b',
        senderId: n % 7 ? 's1' : 's2',
        ...(n % 11 ? {} : { thread: 't' }),
        level: n % 13 ? 'info' : 'actionable',
        channels: n % 2 ? ['all'] : ['all', 'topic:x'],
        ...(n % 17 ? {} : { continues: 3 }),
      })
    }
    const all = Array.from({ length: 200 }, (_, n) => n + 1)
    const cases: [query: Partial<EventQuery>, passes: (n: number) => boolean][] = [
      [{ types: ['b'] }, n => n % 5 === 0],
      [{ senderId: 's2' }, n => n % 7 === 0],
      [{ thread: 't' }, n => n % 11 === 0],
      [{ continues: 3 }, n => n % 17 === 0],
      [{ continues: 3, types: ['b'] }, n => n % 85 === 0],
      [{ continues: 17 }, () => false],
      [{ minLevel: 'actionable' }, n => n % 13 === 0],
      [{ minLevel: 'actionable', channels: ['topic:x'] }, n => n % 26 === 0],
      [{ types: ['a', 'b'], senderId: 's2', channels: ['topic:x'] }, n => n % 14 === 0],
    ]
    for (const [query, passes] of cases) {
      const expected = all.filter(passes)
      expect(await found(bench, query)).toEqual(expected)
      expect(await found(bench, { ...query, order: 'desc', limit: 3 })).toEqual(expected.slice(-3).reverse())
      expect(await found(bench, { ...query, after: 100, limit: 4 })).toEqual(expected.filter(n => n > 100).slice(0, 4))
      expect(await found(bench, { ...query, before: 190 })).toEqual(expected.filter(n => n < 190))
    }
    await done(store, { kind: 'prune', keepNewest: 100 })
    for (const [query, passes] of cases) {
      expect(await found(bench, query)).toEqual(all.filter(n => n > 100 && passes(n)))
    }
  },
}
