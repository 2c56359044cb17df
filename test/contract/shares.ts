import { expect } from 'vitest'
import { LIMITS } from '../../src/bus/limits.ts'
import type { IdempotencyKey, Store } from '../../src/bus/store.ts'
import { aSession, type Cases, done, join, log, refused } from './bench.ts'

const put = (key: string, value: unknown, more: object = {}) =>
  ({ kind: 'putState', key, value, mode: 'overwrite', by: 's1', byName: 's1', ...more }) as const
const remove = (key: string, more: object = {}) =>
  ({ kind: 'deleteState', key, by: 's1', byName: 's1', ...more }) as const
const of = (holder: string, max = 10_000) => ({ share: { holder, max } })
/** A value whose entry has some bytes more than this. */
const text = (chars: number) => 'x'.repeat(chars)

async function versions(store: Store, key: string): Promise<number[]> {
  return (await store.stateHistory(key, 5_000)).map(({ version }) => version)
}

export const shares: Cases = {
  'what an append makes of a value obeys the limit of a value': async ({ store }) => {
    const half = text(LIMITS.valueChars / 2)
    await done(store, put('text', half), put('list', [half]), put('tight', text(LIMITS.valueChars - 5)))
    for (const key of ['text', 'list']) {
      const commit = await refused(store, { ...put(key, half), mode: 'append' })
      expect(commit).toMatchObject({ code: 'too_large', maxChars: LIMITS.valueChars })
      expect(await versions(store, key)).toEqual([1])
    }
    const [entry] = await done(store, { ...put('tight', 'x'), mode: 'append' })
    expect(JSON.stringify(entry.value)).toHaveLength(LIMITS.valueChars)
    expect(await refused(store, { ...put('tight', '"'), mode: 'append' })).toMatchObject({
      code: 'too_large',
      chars: LIMITS.valueChars + 4,
    })
  },
  'the history of a value is bounded in bytes: the oldest versions go, the present one never': async ({ store }) => {
    const large = text(LIMITS.valueChars - 2)
    const fitting = Math.floor(LIMITS.historyBytes / (LIMITS.valueChars + 100))
    for (let n = 1; n <= fitting + 3; n++) await done(store, put('k', large))
    const kept = await versions(store, 'k')
    expect(kept).toEqual(Array.from({ length: fitting }, (_, n) => fitting + 3 - n))
    expect(await store.state('k', 1)).toBeUndefined()
    await done(store, put('k', 'small'))
    expect((await versions(store, 'k')).at(0)).toBe(fitting + 4)
  },
  'and in versions, whose numbers go on': async ({ store }) => {
    const all = Array.from({ length: LIMITS.historyVersions + 5 }, (_, n) => put('k', n))
    await done(store, ...all)
    const kept = await versions(store, 'k')
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([LIMITS.historyVersions, all.length, 6])
    await done(store, remove('k'))
    const [again] = await done(store, put('k', 'again', { expectedVersion: 0 }))
    expect(again.version).toBe(all.length + 2)
  },
  'a value larger than all of its history may be stays, alone': async ({ store }) => {
    await done(store, put('k', 1), put('k', text(LIMITS.historyBytes + 10)))
    expect(await versions(store, 'k')).toEqual([2])
    await done(store, put('k', 3))
    expect(await versions(store, 'k')).toEqual([3])
  },
  "a holder's own oldest versions make room for its next, those in force do not": async ({ store }) => {
    await done(
      store,
      put('mine', text(3_000), of('a')),
      put('its', text(3_000), of('b')),
      put('mine', text(3_000), of('a')),
    )
    await done(store, put('more', text(3_000), of('a')))
    expect(await versions(store, 'mine')).toEqual([2, 1])
    await done(store, put('its', 'short', of('a')), put('last', text(3_000), of('a')))
    expect(await versions(store, 'mine')).toEqual([2])
    expect(await versions(store, 'its')).toEqual([2, 1])
    const full = await refused(store, put('other', text(3_000), of('a')))
    expect(full).toEqual({ code: 'limit_reached', what: 'stateBytes', limit: 10_000 })
    expect(await store.state('other')).toBeUndefined()
    await done(store, put('other', text(3_000), of('b')))
    await done(store, put('other', text(3_000)))
  },
  'what is deleted makes room, but for what counts its versions': async ({ store }) => {
    await done(store, put('k', text(9_000), of('a')))
    expect(await refused(store, put('l', text(2_000), of('a')))).toMatchObject({ code: 'limit_reached' })
    await done(store, remove('k', of('a')))
    expect((await store.state('k', 1))?.value).toHaveLength(9_000)
    await done(store, put('l', text(2_000), of('a')))
    expect(await versions(store, 'k')).toEqual([2])
    const [again] = await done(store, put('k', 'again', of('a')))
    expect(again.version).toBe(3)
  },
  'what others overwrite is in no share any more once it is forgotten': async ({ store }) => {
    await done(store, put('k', text(9_000), of('a')))
    const overwriting = Array.from({ length: LIMITS.historyVersions }, (_, n) => put('k', n))
    await done(store, ...overwriting)
    await done(store, put('l', text(9_000), of('a')))
  },
  'answers that are kept for retries have their share, too, and an event takes nothing of it': async ({ store }) => {
    const key = (name: string, holder = 'a'): IdempotencyKey => ({
      scope: `${holder} set`,
      key: name,
      fingerprint: 'f',
      share: { holder, max: 5_000 },
    })
    const set = (name: string, holder?: string) => store.commit([put(name, text(2_000))], key(name, holder))
    await set('one')
    await set('its', 'b')
    await set('two')
    expect(await set('one')).toMatchObject({ replayed: true })
    await set('three')
    expect(await set('two')).toMatchObject({ replayed: true })
    expect(await set('its', 'b')).toMatchObject({ replayed: true })
    const [again, { length }] = [await set('one'), await log(store)]
    expect(again).toMatchObject({ replayed: false, results: [{ version: 2 }] })
    const event = { type: 'm', channels: ['all'], senderId: 'x', senderName: 'x', hops: 0 } as const
    const append = { kind: 'append', event: { ...event, text: text(9_000), level: 'info', urgency: 'quiet' } } as const
    for (const name of ['e1', 'e2']) await store.commit([append], key(name))
    for (const name of ['e1', 'e2']) expect(await store.commit([append], key(name))).toMatchObject({ replayed: true })
    expect(await log(store)).toHaveLength(length + 2)
    expect(await set('three')).toMatchObject({ replayed: true })
  },
  'an answer larger than its share is not kept': async ({ store }) => {
    const key = { scope: 's', key: 'k', fingerprint: 'f', share: { holder: 'a', max: 100 } }
    await store.commit([put('k', text(2_000))], key)
    expect(await store.commit([put('k', text(2_000))], key)).toMatchObject({ replayed: false })
  },
  'answers that are forgotten in their time give their room back': async ({ store, clock }) => {
    const key = (name: string) => ({ scope: 's', key: name, fingerprint: 'f', share: { holder: 'a', max: 5_000 } })
    await store.commit([put('k', text(2_000))], key('one'))
    await store.commit([put('k', text(2_000))], key('two'))
    clock.ms += 8 * 24 * 3600_000
    await done(store, { kind: 'sweep', silentMs: 1 })
    for (const name of ['three', 'four']) await store.commit([put('k', text(2_000))], key(name))
    for (const name of ['three', 'four']) {
      expect(await store.commit([put('k', 0)], key(name))).toMatchObject({ replayed: true })
    }
  },
  'a grantor has so many living sessions and no more, whatever others have': async ({ store }) => {
    const create = (id: string, grantor: string) =>
      ({ kind: 'createSession', session: aSession(id, { grantor }), maxLiving: 2 }) as const
    await join(store, 's0')
    await done(store, create('s1', 't1'), create('s2', 't1'), create('s3', 't2'))
    const full = { code: 'limit_reached', what: 'livingSessions', limit: 2 }
    expect(await refused(store, create('s4', 't1'))).toEqual(full)
    await done(store, { kind: 'endSession', id: 's1', reason: '' }, create('s4', 't1'))
    const revive = { kind: 'updateSession', id: 's1', patch: {}, revive: true, maxLiving: 2 } as const
    expect(await refused(store, revive)).toEqual(full)
    await done(store, { ...revive, id: 's4' }, { kind: 'endSession', id: 's2', reason: '' }, revive)
  },
  'the sessions of a token hold so many claims and no more, whatever others hold': async ({ store, clock }) => {
    const claim = (sessionId: string, path: string, more: object = { maxGranted: 2 }) =>
      ({ kind: 'claim', area: 'r', path, sessionId, ttlMs: 100, ...more }) as const
    for (const [id, grantor] of [
      ['s1', 't1'],
      ['s2', 't1'],
      ['s3', 't2'],
      ['s4', 'operator'],
    ] as const) {
      await join(store, id, [], { grantor })
    }
    await done(store, claim('s1', 'a'), claim('s2', 'b'), claim('s3', 'c'))
    const full = { code: 'limit_reached', what: 'grantedClaims', limit: 2 }
    expect(await refused(store, claim('s1', 'd'))).toEqual(full)
    await done(store, claim('s1', 'a'), claim('s3', 'd'), claim('s4', 'e'), claim('s4', 'f'), claim('s4', 'g', {}))
    clock.ms += 100
    await done(store, claim('s1', 'h'))
  },
  'so many tokens are good at a time': async ({ store }) => {
    const token = (n: number) =>
      ({ kind: 'putToken', token: { id: `t${n}`, name: `n${n}`, hash: `h${n}`, scopes: [] } }) as const
    await done(store, ...Array.from({ length: LIMITS.tokens }, (_, n) => token(n)))
    const full = { code: 'limit_reached', what: 'tokens', limit: LIMITS.tokens }
    expect(await refused(store, token(LIMITS.tokens))).toEqual(full)
    await done(store, { kind: 'revokeToken', name: 'n0' }, token(LIMITS.tokens))
  },
}
