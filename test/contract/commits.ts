import { expect } from 'vitest'
import { KEY_MEMORY_MS } from '../../src/bus/store.ts'
import { anEvent, aSession, type Cases, done, ids, join, log, publish, refused, START_MS } from './bench.ts'

const key = (more = {}) => ({ scope: 's1 publish', key: 'k1', fingerprint: 'f1', ...more })
const append = (text: string) => ({ kind: 'append', event: anEvent({ text }) }) as const

export const commits: Cases = {
  'what things are looked up by is compared whole, whatever characters it has': async ({ store }) => {
    const keys = ['k', 'k\0', 'k\0x', 'k\0y', 'k\ud800', 'k\ud801', 'k\ufffd', '\0k']
    for (const [n, key] of keys.entries()) {
      const id = `s${n}`
      await done(
        store,
        { kind: 'createSession', session: aSession(id, { name: key, codename: `c${key}`, clientId: key, repo: key }) },
        { kind: 'follow', sessionId: id, channels: [`topic:${key}`], backfillMs: 0 },
        { kind: 'putState', key, value: n, mode: 'overwrite', expectedVersion: 0, by: id, byName: id },
        { kind: 'claim', area: 'r', path: key, sessionId: id, ttlMs: 1_000 },
        { kind: 'claim', area: key, path: '**', sessionId: id, ttlMs: 1_000 },
        { kind: 'append', event: anEvent({ type: key, senderId: key, thread: key, channels: [`topic:${key}`] }) },
        { kind: 'putToken', token: { id: key, name: key, hash: key, scopes: [] } },
      )
      await store.commit([{ kind: 'keep', name: key, value: id }], { scope: key, key, fingerprint: '' })
    }
    for (const [n, key] of keys.entries()) {
      expect(ids(await store.sessionsCalled(key))).toEqual([`s${n}`])
      expect(ids(await store.sessionsCalled(`c${key}`))).toEqual([`s${n}`])
      expect((await store.sessionOfClient('operator', 'm1', key))?.id).toBe(`s${n}`)
      expect(ids(await store.sessions({ repo: key, limit: 100 }))).toEqual([`s${n}`])
      expect(ids(await store.followers([`topic:${key}`], 100))).toEqual([`s${n}`])
      expect((await store.unread(`s${n}`, 100)).messages.map(each => each.type)).toEqual([key])
      expect(await store.state(key)).toMatchObject({ value: n, version: 1 })
      expect((await store.claims({ area: key, limit: 100 })).map(each => each.sessionId)).toEqual([`s${n}`])
      expect((await store.tokenOfHash(key))?.name).toBe(key)
      expect((await store.token(key))?.name).toBe(key)
      expect(await store.kept(key)).toBe(`s${n}`)
      for (const query of [{ types: [key] }, { senderId: key }, { thread: key }, { channels: [`topic:${key}`] }]) {
        expect((await store.events({ ...query, order: 'asc', limit: 100 })).events).toHaveLength(1)
      }
    }
  },
  'a commit that may only be a repeat does nothing where its key is not known': async ({ store }) => {
    const repeat = key({ onlyRepeat: true })
    const unknown = { ok: false, conflict: { code: 'not_found', what: 'key' } }
    expect(await store.commit([append('new')], repeat)).toMatchObject(unknown)
    expect(await log(store)).toEqual([])
    await store.commit([append('first')], key())
    const again = await store.commit([append('first')], repeat)
    expect(again).toMatchObject({ ok: true, replayed: true, results: [{ text: 'first' }] })
    const other = await store.commit([append('first')], { ...repeat, fingerprint: 'f2' })
    expect(other).toMatchObject({ ok: false, conflict: { code: 'key_reused' } })
    expect(await store.commit([append('new')], { ...repeat, key: 'k2' })).toMatchObject(unknown)
    expect(await log(store)).toHaveLength(1)
  },
  'all commands of a commit take effect in order': async ({ store }) => {
    const [session, , event] = await done(
      store,
      { kind: 'createSession', session: aSession('s1') },
      { kind: 'follow', sessionId: 's1', channels: ['all'], backfillMs: 0 },
      append('after the follow'),
    )
    expect(session.id).toBe('s1')
    expect(ids((await store.unread('s1', 10)).messages)).toEqual([event.id])
  },
  'a refused command undoes all that came before it in its commit': async ({ store }) => {
    await join(store, 's1')
    const before = await store.stats()
    const commit = await store.commit([
      append('never seen'),
      { kind: 'createSession', session: aSession('s2') },
      { kind: 'putState', key: 'plan', value: 1, mode: 'overwrite', by: 's1', byName: 's1' },
      { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 1_000 },
      { kind: 'keep', name: 'secret', value: 'x' },
      { kind: 'endSession', id: 'nobody', reason: '' },
      append('not reached'),
    ])
    expect(commit).toMatchObject({ ok: false, failed: 5, conflict: { code: 'not_found', what: 'session' } })
    expect(await log(store)).toEqual([])
    expect(await store.session('s2')).toBeUndefined()
    expect(await store.state('plan')).toBeUndefined()
    expect(await store.claims({ limit: 99 })).toEqual([])
    expect(await store.known('machine', 99)).toEqual(['m1'])
    expect(await done(store, { kind: 'keep', name: 'secret', value: 'y' })).toEqual([{ value: 'y' }])
    expect({ ...(await store.stats()), bytes: 0, commits: 0, transactions: 0 }).toEqual({
      ...before,
      bytes: 0,
      commits: 0,
      transactions: 0,
    })
  },
  'what a refused commit had numbered is numbered anew': async ({ store }) => {
    await join(store, 's1')
    await refused(store, append('lost'), { kind: 'touch', ids: [] }, { kind: 'confirm', sessionId: 'x', proof: '' })
    expect((await publish(store)).id).toBe(1)
    const [{ claim }] = await done(store, { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 1 })
    expect(claim.token).toBe(1)
  },
  'a refused commit harms none of those that were asked for at the same time': async ({ store }) => {
    const all = await Promise.all(
      Array.from({ length: 9 }, (_, n) =>
        n % 3 === 1
          ? store.commit([append('lost'), { kind: 'revokeToken', name: 'none' }])
          : store.commit([append(String(n))]),
      ),
    )
    expect(all.map(commit => commit.ok)).toEqual([true, false, true, true, false, true, true, false, true])
    expect((await log(store)).map(event => event.text)).toEqual(['0', '2', '3', '5', '6', '8'])
    expect(ids(await log(store))).toEqual([1, 2, 3, 4, 5, 6])
  },
  'a commit that breaks by itself is rejected and harms no other': async ({ store }) => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const all = await Promise.allSettled([
      store.commit([append('one')]),
      store.commit([append('lost'), { kind: 'append', event: anEvent({ data: circular }) }]),
      store.commit([append('two')]),
    ])
    expect(all.map(each => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await log(store)).map(event => event.text)).toEqual(['one', 'two'])
  },
  'commits are seen by every read that begins after they returned': async ({ store }) => {
    for (let n = 1; n <= 5; n++) {
      const { id } = await publish(store)
      expect(await store.event(id)).toBeDefined()
      expect((await store.bounds()).newest).toBe(id)
    }
  },
  'event ids grow by order of visibility: nothing ever appears before what was seen': async ({ store }) => {
    const seen: number[] = []
    let isDone = false
    const writers = Promise.all(
      Array.from({ length: 8 }, async (_, w) => {
        for (let n = 0; n < 20; n++) await store.commit([append(`${w} ${n}`), append(`${w} ${n} b`)])
      }),
    ).then(() => {
      isDone = true
    })
    for (let hasAll = false; !hasAll; ) {
      hasAll = isDone
      const { events: more } = await store.events({ after: seen.at(-1) ?? 0, order: 'asc', limit: 7 })
      seen.push(...ids(more))
      if (more.length === 0) await new Promise(resolve => setImmediate(resolve))
      else hasAll = false
    }
    await writers
    expect(seen).toEqual(Array.from({ length: 320 }, (_, n) => n + 1))
  },
  'the commands of one commit lie together in the log': async ({ store }) => {
    await Promise.all(['a', 'b', 'c'].map(text => store.commit([append(text), append(text), append(text)])))
    const texts = (await log(store)).map(event => event.text).join('')
    expect(texts).toMatch(/^((aaa)|(bbb)|(ccc)){3}$/)
  },
  'an empty commit is done': async ({ store }) => {
    expect(await store.commit([])).toMatchObject({ ok: true, results: [], replayed: false })
  },
  'a second commit with a key changes nothing and gets the results of the first': async ({ store, clock }) => {
    const first = await store.commit([append('once')], key())
    clock.ms += 1_000
    const second = await store.commit([append('once')], key())
    expect(first).toMatchObject({ ok: true, replayed: false, at: START_MS })
    expect(second).toEqual({ ...first, replayed: true })
    expect(await log(store)).toHaveLength(1)
  },
  'of many commits with one key at the same time one is done': async ({ store }) => {
    const all = await Promise.all(Array.from({ length: 5 }, () => store.commit([append('once')], key())))
    expect(all.filter(commit => commit.ok && !commit.replayed)).toHaveLength(1)
    expect(new Set(all.map(commit => commit.ok && commit.results[0].id))).toEqual(new Set([1]))
    expect(await log(store)).toHaveLength(1)
  },
  'a key that is used for another request is refused': async ({ store }) => {
    await store.commit([append('one')], key())
    const other = await store.commit([append('two')], key({ fingerprint: 'f2' }))
    expect(other).toMatchObject({ ok: false, failed: 0, conflict: { code: 'key_reused' } })
    expect(await log(store)).toHaveLength(1)
  },
  'equal keys of different scopes never meet': async ({ store }) => {
    await store.commit([append('one')], key())
    expect(await store.commit([append('two')], key({ scope: 's2 publish' }))).toMatchObject({ replayed: false })
    expect(await store.commit([append('x')], key({ scope: 's1 publishk', key: '1' }))).toMatchObject({
      replayed: false,
    })
  },
  'a refused commit leaves its key free': async ({ store }) => {
    const conflict = await store.commit([{ kind: 'revokeToken', name: 'none' }], key())
    expect(conflict.ok).toBe(false)
    expect(await store.commit([append('now')], key({ fingerprint: 'f2' }))).toMatchObject({ ok: true, replayed: false })
  },
  'replayed results are those of then, whatever became of things': async ({ store }) => {
    await join(store, 's1', [], { summary: 'then \uD800 "quoted"' })
    const update = { kind: 'updateSession', id: 's1', patch: { role: 'dev' } } as const
    const first = await store.commit([update, { kind: 'touch', ids: [] }], key())
    await done(store, { kind: 'updateSession', id: 's1', patch: { role: 'lead', summary: 'now' } })
    expect(await store.commit([update, { kind: 'touch', ids: [] }], key())).toEqual({ ...first, replayed: true })
    expect((await store.session('s1'))?.role).toBe('lead')
  },
  'what is replayed is what was appended, though it has expired or was pruned since': async ({ store, clock }) => {
    await join(store, 's1')
    const term = { kind: 'append', event: anEvent({ expiresAt: START_MS + 10 }) } as const
    const first = await store.commit([term], key())
    clock.ms += 10
    await done(store, { kind: 'expire' })
    expect(await store.commit([term], key())).toEqual({ ...first, replayed: true })
    await done(store, { kind: 'prune', keepNewest: 0 })
    expect(await store.bounds()).toMatchObject({ oldest: 0 })
    expect(await store.commit([term], key())).toEqual({ ...first, replayed: true })
  },
  'a key is remembered for its time, and forgotten by a sweep after it': async ({ store, clock }) => {
    await store.commit([append('once')], key())
    clock.ms += KEY_MEMORY_MS
    await done(store, { kind: 'sweep', silentMs: 1 })
    expect(await store.commit([append('once')], key())).toMatchObject({ replayed: true })
    clock.ms += 1
    await done(store, { kind: 'sweep', silentMs: 1 })
    expect(await store.commit([append('once')], key())).toMatchObject({ replayed: false })
  },
  'a sweep forgets the old keys and none of the younger': async ({ store, clock }) => {
    for (let n = 0; n < 9; n++) {
      await store.commit([append(String(n))], key({ key: `k${n}` }))
      clock.ms += 10
    }
    clock.ms = START_MS + KEY_MEMORY_MS + 35
    await done(store, { kind: 'sweep', silentMs: 1 })
    const replayed: boolean[] = []
    for (let n = 8; n >= 0; n--) {
      const commit = await store.commit([append(String(n))], key({ key: `k${n}` }))
      replayed.unshift(commit.ok && commit.replayed)
    }
    expect(replayed).toEqual([false, false, false, false, true, true, true, true, true])
  },
  'listeners are called after commits that appended, and only after those': async ({ store }) => {
    let calls = 0
    const stop = store.onAppend(() => calls++)
    await done(store, { kind: 'keep', name: 'a', value: 'b' })
    await refused(store, append('lost'), { kind: 'revokeToken', name: 'none' })
    await new Promise(resolve => setImmediate(resolve))
    expect(calls).toBe(0)
    await publish(store)
    await expect.poll(() => calls).toBe(1)
    stop()
    await publish(store)
    await new Promise(resolve => setImmediate(resolve))
    expect(calls).toBe(1)
  },
  'listeners are told which events, but of none that was undone': async ({ store }) => {
    const told: string[] = []
    store.onAppend(events => told.push(...events.map(({ id, text }) => `${id} ${text}`)))
    await Promise.all([
      store.commit([append('one'), append('two')]),
      store.commit([append('lost'), { kind: 'revokeToken', name: 'none' }]),
      store.commit([append('three')], key()),
      store.commit([append('three')], key()),
    ])
    await expect.poll(() => told.length).toBe(3)
    expect(told).toEqual((await log(store)).map(({ id, text }) => `${id} ${text}`))
    expect(told.map(each => each.split(' ')[1])).toEqual(['one', 'two', 'three'])
  },
  'a listener finds what it was called for': async ({ store }) => {
    const found = new Promise<number>(resolve => {
      store.onAppend(() => void log(store).then(events => resolve(events.length)))
    })
    await store.commit([append('one'), append('two')])
    expect(await found).toBe(2)
  },
  'the clock never runs backwards': async ({ store, clock }) => {
    clock.ms += 5_000
    expect(await store.now()).toBe(START_MS + 5_000)
    clock.setForwardMs = -9_000
    expect(await store.now()).toBe(START_MS + 5_000)
    expect((await publish(store)).at).toBe(START_MS + 5_000)
    clock.ms += 10
    expect((await publish(store)).at).toBe(START_MS + 5_009)
  },
  'a commit of many has one time': async ({ store }) => {
    const [one, two, session] = await done(store, append('a'), append('b'), {
      kind: 'createSession',
      session: aSession('s1'),
    })
    expect([one.at, two.at, session.registeredAt]).toEqual([START_MS, START_MS, START_MS])
  },
  'stats count commits that were asked for': async ({ store }) => {
    await publish(store)
    await publish(store)
    const { commits, transactions } = await store.stats()
    expect(commits).toBe(2)
    expect(transactions).toBeGreaterThan(0)
    expect(transactions).toBeLessThanOrEqual(commits)
  },
  'stats count what there is': async ({ store, clock }) => {
    await join(store, 'operator')
    await join(store, 's1')
    await join(store, 's2')
    await publish(store)
    const writer = { by: 's1', byName: 's1' }
    await done(
      store,
      { kind: 'endSession', id: 's2', reason: 'done' },
      { kind: 'putState', key: 'a', value: 1, mode: 'overwrite', ...writer },
      { kind: 'putState', key: 'b', value: 1, mode: 'overwrite', ...writer },
      { kind: 'deleteState', key: 'b', ...writer },
      { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 10 },
      { kind: 'claim', area: 'r', path: 'b', sessionId: 's1', ttlMs: 20 },
    )
    clock.ms += 10
    expect(await store.stats()).toMatchObject({ events: 1, sessions: 2, liveSessions: 1, stateKeys: 1, claims: 1 })
  },
  'a closed store says so': async ({ store }) => {
    await store.close()
    await expect(store.commit([])).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(store.bounds()).rejects.toMatchObject({ code: 'store_unavailable' })
  },
}
