import { expect } from 'vitest'
import { type Cases, done, refused, START_MS } from './bench.ts'

const writer = { by: 's1', byName: 'api' }
const put = (key: string, value: unknown, more: { expectedVersion?: number; note?: string } = {}) =>
  ({ kind: 'putState', key, value, mode: 'overwrite', ...writer, ...more }) as const
const append = (key: string, value: unknown, more: { expectedVersion?: number } = {}) =>
  ({ kind: 'putState', key, value, mode: 'append', ...writer, ...more }) as const
const remove = (key: string, more: { expectedVersion?: number } = {}) =>
  ({ kind: 'deleteState', key, by: 's2', byName: 'web', ...more }) as const

export const state: Cases = {
  'versions of a key count from 1, with who, when and why': async ({ store, clock }) => {
    const [one] = await done(store, put('plan', { a: 1 }, { note: 'first' }))
    expect(one).toEqual({ key: 'plan', value: { a: 1 }, version: 1, ...writer, at: START_MS, note: 'first' })
    clock.ms += 1
    const [two] = await done(store, put('plan', 'x'))
    expect(two).toEqual({ key: 'plan', value: 'x', version: 2, ...writer, at: START_MS + 1 })
    expect(await store.state('plan')).toEqual(two)
    expect(await store.state('plan', 1)).toEqual(one)
    expect(await store.state('plan', 3)).toBeUndefined()
    expect(await store.state('other')).toBeUndefined()
  },
  'a write that expects another version is refused with the present entry': async ({ store }) => {
    const [present] = await done(store, put('plan', 'x'))
    expect(await refused(store, put('plan', 'y', { expectedVersion: 2 }))).toEqual({
      code: 'stale_version',
      current: present,
    })
    expect(await refused(store, put('plan', 'y', { expectedVersion: 0 }))).toMatchObject({ code: 'stale_version' })
    await done(store, put('plan', 'y', { expectedVersion: 1 }))
    expect((await store.state('plan'))?.value).toBe('y')
  },
  'expected version 0 means only if there is none, also after a deletion': async ({ store }) => {
    await done(store, put('plan', 'x', { expectedVersion: 0 }), remove('plan'))
    const [again] = await done(store, put('plan', 'y', { expectedVersion: 0 }))
    expect(again.version).toBe(3)
    const missing = await refused(store, put('none', 'y', { expectedVersion: 1 }))
    expect(missing).toEqual({ code: 'stale_version', current: undefined })
  },
  'of many that expect one version, one writes': async ({ store }) => {
    await done(store, put('lock', 0))
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.commit([put('lock', n, { expectedVersion: 1 })])),
    )
    expect(all.filter(commit => commit.ok)).toHaveLength(1)
    expect((await store.state('lock'))?.version).toBe(2)
  },
  'appending grows lists by an item and text by a line, and starts both': async ({ store }) => {
    const [list, longer, , text, lines] = await done(
      store,
      append('list', { n: 1 }),
      append('list', [2]),
      append('list', null),
      append('text', 'a'),
      append('text', 'b'),
    )
    expect([list.value, longer.value, text.value, lines.value]).toEqual([[{ n: 1 }], [{ n: 1 }, [2]], 'a', 'a\nb'])
    expect((await store.state('list'))?.value).toEqual([{ n: 1 }, [2], null])
  },
  'appending to anything else is refused, naming what is there': async ({ store }) => {
    await done(store, put('object', {}), put('number', 1), put('null', null), put('text', 'a'))
    expect(await refused(store, append('object', 1))).toEqual({ code: 'not_appendable', found: 'object' })
    expect(await refused(store, append('number', 1))).toEqual({ code: 'not_appendable', found: 'number' })
    expect(await refused(store, append('null', 1))).toEqual({ code: 'not_appendable', found: 'null' })
    expect(await refused(store, append('text', 1))).toEqual({ code: 'not_appendable', found: 'string' })
    expect(await refused(store, append('text', 1, { expectedVersion: 9 }))).toMatchObject({ code: 'stale_version' })
  },
  'an append of many at the same time keeps all of them': async ({ store }) => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.commit([append('log', n)])))
    const value = (await store.state('log'))?.value as number[]
    expect(value.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  },
  'a deletion is a version; what was there stays in the history': async ({ store, clock }) => {
    await done(store, put('plan', 'x'))
    clock.ms += 1
    const [deleted] = await done(store, remove('plan'))
    expect(deleted).toMatchObject({ key: 'plan', version: 2, by: 's2', byName: 'web', at: START_MS + 1, deleted: true })
    expect(await store.state('plan')).toBeUndefined()
    expect(await store.state('plan', 1)).toMatchObject({ value: 'x' })
    expect(await store.state('plan', 2)).toEqual(deleted)
    const [again] = await done(store, append('plan', 'new'))
    expect(again).toMatchObject({ value: 'new', version: 3 })
    expect((await store.stateHistory('plan', 10)).map(each => each.version)).toEqual([3, 2, 1])
    expect((await store.stateHistory('plan', 2)).map(each => each.deleted)).toEqual([undefined, true])
    expect(await store.stateHistory('none', 10)).toEqual([])
  },
  'deleting needs the entry, and its version where one is expected': async ({ store }) => {
    expect(await refused(store, remove('none'))).toEqual({ code: 'not_found', what: 'state' })
    expect(await refused(store, remove('none', { expectedVersion: 1 }))).toEqual({ code: 'not_found', what: 'state' })
    const [present] = await done(store, put('plan', 'x'))
    const stale = { code: 'stale_version', current: present }
    expect(await refused(store, remove('plan', { expectedVersion: 2 }))).toEqual(stale)
    await done(store, remove('plan', { expectedVersion: 1 }))
    expect(await refused(store, remove('plan'))).toEqual({ code: 'not_found', what: 'state' })
  },
  'present entries are listed in the order of their keys, by prefix': async ({ store }) => {
    const keys = ['b', 'a/1', 'a', 'a0', 'a/\u{1F600}', 'a/\uFF21', 'A', 'gone']
    await done(store, ...keys.map(key => put(key, key)), remove('gone'))
    const listed = async (prefix: string, limit = 100) => (await store.states(prefix, limit)).map(each => each.key)
    expect(await listed('')).toEqual(['A', 'a', 'a/1', 'a/\uFF21', 'a/\u{1F600}', 'a0', 'b'])
    expect(await listed('a/')).toEqual(['a/1', 'a/\uFF21', 'a/\u{1F600}'])
    expect(await listed('a', 2)).toEqual(['a', 'a/1'])
    expect(await listed('a%')).toEqual([])
    await done(store, put('a', 'another', { note: 'why' }))
    expect((await store.states('a', 1))[0]).toEqual({ key: 'a', note: 'why', version: 2, ...writer, at: START_MS })
  },
  'a value is what JSON makes of it': async ({ store }) => {
    const value = JSON.parse('{"__proto__":[1],"toString":"\\ud800\\u0000","n":[1e300,9007199254740993,-0.5]}')
    const [written] = await done(store, put('exact', value))
    expect(JSON.stringify(written.value)).toBe(JSON.stringify(value))
    expect(JSON.stringify((await store.state('exact'))?.value)).toBe(JSON.stringify(value))
    await done(store, put('text', '\uDC00'), append('text', '\u0000'))
    expect((await store.state('text'))?.value).toBe('\uDC00\n\u0000')
  },
  'a value of the largest size is kept': async ({ store }) => {
    const value = 'ä'.repeat(262_000)
    await done(store, put('large', value))
    expect((await store.state('large'))?.value).toBe(value)
  },
}
