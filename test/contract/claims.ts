import { expect } from 'vitest'
import { LIMITS } from '../../src/bus/limits.ts'
import { type Bench, type Cases, done, join, refused, START_MS } from './bench.ts'

interface Wish {
  readonly area?: string
  readonly ttlMs?: number
  readonly note?: string
  readonly token?: number
}

const wish = (sessionId: string, path: string, more: Wish = {}) =>
  ({ kind: 'claim', area: 'r1', path, sessionId, ttlMs: 1_000, ...more }) as const

async function claim({ store }: Bench, sessionId: string, path: string, more: Wish = {}) {
  const [taken] = await done(store, wish(sessionId, path, more))
  return taken
}

async function twoSessions({ store }: Bench) {
  await join(store, 's1')
  await join(store, 's2')
}

export const claims: Cases = {
  'a claim is held by its session until it expires': async bench => {
    await twoSessions(bench)
    const { claim: taken, renewed } = await claim(bench, 's1', 'src/a.ts', { note: 'mine' })
    expect(renewed).toBe(false)
    expect(taken).toEqual({
      area: 'r1',
      path: 'src/a.ts',
      sessionId: 's1',
      token: 1,
      note: 'mine',
      claimedAt: START_MS,
      ttlMs: 1_000,
      expiresAt: START_MS + 1_000,
    })
    expect(await bench.store.claims({ limit: 99 })).toEqual([taken])
    expect(await refused(bench.store, wish('s2', 'src/a.ts'))).toEqual({ code: 'claim_held', claim: taken })
    bench.clock.ms += 999
    expect(await refused(bench.store, wish('s2', 'src/a.ts'))).toMatchObject({ code: 'claim_held' })
    bench.clock.ms += 1
    expect(await bench.store.claims({ limit: 99 })).toEqual([])
    expect((await claim(bench, 's2', 'src/a.ts')).claim).toMatchObject({ sessionId: 's2', token: 2 })
  },
  'claims whose paths meet exclude each other, in one area only': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'src/**/*.ts')
    expect(await refused(bench.store, wish('s2', 'src/a/b.ts'))).toMatchObject({ code: 'claim_held' })
    expect(await refused(bench.store, wish('s2', 'src/*/b.*'))).toMatchObject({ code: 'claim_held' })
    expect(await refused(bench.store, wish('s2', 'src'))).toMatchObject({ code: 'claim_held' })
    await claim(bench, 's2', 'docs/a.ts')
    await claim(bench, 's2', 'src/**', { area: 'r2' })
  },
  'the conflict names the oldest claim that meets': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'z/b')
    await claim(bench, 's1', 'z/a')
    expect(await refused(bench.store, wish('s2', 'z'))).toMatchObject({ claim: { path: 'z/b', token: 1 } })
  },
  "a session's own claims may meet": async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'src/**')
    expect((await claim(bench, 's1', 'src/a.ts')).claim.token).toBe(2)
  },
  'a renewal keeps token, start and note, and moves the end': async bench => {
    await twoSessions(bench)
    const first = await claim(bench, 's1', 'a', { note: 'why' })
    bench.clock.ms += 500
    const second = await claim(bench, 's1', 'a', { ttlMs: 2_000 })
    expect(second).toEqual({ claim: { ...first.claim, ttlMs: 2_000, expiresAt: START_MS + 2_500 }, renewed: true })
    const third = await claim(bench, 's1', 'a', { token: 1, note: 'new', ttlMs: 10 })
    expect(third).toMatchObject({ claim: { token: 1, note: 'new', expiresAt: START_MS + 510 }, renewed: true })
    expect(await bench.store.claims({ limit: 99 })).toEqual([third.claim])
  },
  'a session that takes its own expired claim anew gets a larger token': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'a')
    bench.clock.ms += 1_000
    expect(await claim(bench, 's1', 'a')).toMatchObject({ renewed: false, claim: { token: 2 } })
  },
  'tokens only grow, over paths, holders, releases and expiry': async bench => {
    await twoSessions(bench)
    const tokens: number[] = []
    for (const [sessionId, path] of [
      ['s1', 'a'],
      ['s2', 'b'],
      ['s1', 'c'],
    ] as const) {
      tokens.push((await claim(bench, sessionId, path)).claim.token)
    }
    await done(bench.store, { kind: 'release', area: 'r1', path: 'c' })
    tokens.push((await claim(bench, 's2', 'c')).claim.token)
    bench.clock.ms += 10_000
    await done(bench.store, { kind: 'sweep', silentMs: 1e9 })
    tokens.push((await claim(bench, 's1', 'b')).claim.token)
    expect(tokens).toEqual([1, 2, 3, 4, 5])
  },
  'with a token a claim is only renewed, and only while the token is in force': async bench => {
    await twoSessions(bench)
    const { claim: first } = await claim(bench, 's1', 'a')
    expect(await refused(bench.store, wish('s1', 'a', { token: 9 }))).toEqual({ code: 'stale_token', claim: first })
    expect(await refused(bench.store, wish('s1', 'b', { token: 1 }))).toMatchObject({ code: 'stale_token' })
    bench.clock.ms += 1_000
    const expired = await refused(bench.store, wish('s1', 'a', { token: 1 }))
    expect(expired).toEqual({ code: 'stale_token', claim: undefined })
    const { claim: second } = await claim(bench, 's2', 'a')
    expect(await refused(bench.store, wish('s1', 'a', { token: 1 }))).toEqual({ code: 'stale_token', claim: second })
    expect(await refused(bench.store, wish('s1', 'a', { token: 2 }))).toEqual({ code: 'stale_token', claim: second })
  },
  "a holder's work renews its claims for a whole term, where less than half is left": async bench => {
    await twoSessions(bench)
    const renew = async () => (await done(bench.store, { kind: 'renewClaims', sessionId: 's1' }))[0].renewed
    await claim(bench, 's1', 'a', { ttlMs: 1_000 })
    await claim(bench, 's1', 'b', { ttlMs: 10_000 })
    await claim(bench, 's2', 'c', { ttlMs: 1_000 })
    bench.clock.ms += 500
    expect(await renew()).toBe(0)
    bench.clock.ms += 1
    expect(await renew()).toBe(1)
    expect(await bench.store.claims({ limit: 99 })).toMatchObject([
      { path: 'a', token: 1, claimedAt: START_MS, expiresAt: START_MS + 1_501 },
      { path: 'b', expiresAt: START_MS + 10_000 },
      { path: 'c', expiresAt: START_MS + 1_000 },
    ])
    bench.clock.ms += 1_000
    expect(await renew()).toBe(0)
    expect(await bench.store.claims({ sessionId: 's1', limit: 99 })).toMatchObject([{ path: 'b' }])
    expect(await done(bench.store, { kind: 'renewClaims', sessionId: 'nobody' })).toEqual([{ renewed: 0 }])
  },
  'a claim is given up by its holder': async bench => {
    await twoSessions(bench)
    const { claim: taken } = await claim(bench, 's1', 'a')
    const release = { kind: 'release', area: 'r1', path: 'a', sessionId: 's1' } as const
    expect(await refused(bench.store, { ...release, sessionId: 's2' })).toEqual({ code: 'not_found', what: 'claim' })
    expect(await refused(bench.store, { ...release, path: 'b' })).toEqual({ code: 'not_found', what: 'claim' })
    expect(await refused(bench.store, { ...release, token: 2 })).toEqual({ code: 'stale_token', claim: taken })
    expect(await done(bench.store, { ...release, token: 1 })).toEqual([taken])
    expect(await bench.store.claims({ limit: 99 })).toEqual([])
    expect(await refused(bench.store, release)).toEqual({ code: 'not_found', what: 'claim' })
    expect(await refused(bench.store, { ...release, token: 1 })).toEqual({ code: 'stale_token', claim: undefined })
  },
  'released without a session id, it is taken from its holder': async bench => {
    await twoSessions(bench)
    const { claim: taken } = await claim(bench, 's1', 'a')
    expect(await done(bench.store, { kind: 'release', area: 'r1', path: 'a' })).toEqual([taken])
    expect((await claim(bench, 's2', 'a')).claim.token).toBe(2)
  },
  'an expired claim cannot be given up': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'a')
    bench.clock.ms += 1_000
    const release = { kind: 'release', area: 'r1', path: 'a', sessionId: 's1' } as const
    expect(await refused(bench.store, release)).toEqual({ code: 'not_found', what: 'claim' })
  },
  'claims end with their session, and only those in force are counted': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'a')
    await claim(bench, 's1', 'b', { ttlMs: 1 })
    await claim(bench, 's2', 'c')
    bench.clock.ms += 1
    const [ended] = await done(bench.store, { kind: 'endSession', id: 's1', reason: '' })
    expect(ended.releasedClaims).toBe(1)
    expect((await bench.store.claims({ limit: 99 })).map(each => each.path)).toEqual(['c'])
    await claim(bench, 's2', 'a')
  },
  'only a session that is there can claim': async bench => {
    await twoSessions(bench)
    await done(bench.store, { kind: 'endSession', id: 's1', reason: '' })
    const unknown = { code: 'not_found', what: 'session' }
    expect(await refused(bench.store, wish('s1', 'a'))).toEqual(unknown)
    expect(await refused(bench.store, wish('nobody', 'a'))).toEqual(unknown)
  },
  'of many that claim at the same time one gets it': async bench => {
    await twoSessions(bench)
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) => bench.store.commit([wish(n % 2 ? 's1' : 's2', 'a')])),
    )
    expect(new Set(all.map(commit => (commit.ok ? commit.results[0].claim.sessionId : 'refused'))).size).toBe(2)
    expect(await bench.store.claims({ limit: 99 })).toHaveLength(1)
  },
  'a session holds no more claims than the limit, renewals and those that have expired not counted': async bench => {
    await twoSessions(bench)
    const { sessionClaims } = LIMITS
    const paths = Array.from({ length: sessionClaims }, (_, n) => `file${n}`)
    await done(bench.store, ...paths.map((path, n) => wish('s1', path, { ttlMs: n === 0 ? 1 : 1_000 })))
    const full = { code: 'limit_reached', what: 'claims', limit: sessionClaims }
    expect(await refused(bench.store, wish('s1', 'other'))).toEqual(full)
    expect((await claim(bench, 's1', 'file7')).renewed).toBe(true)
    await claim(bench, 's2', 'other')
    bench.clock.ms += 1
    await claim(bench, 's1', 'another')
    expect(await refused(bench.store, wish('s1', 'one more'))).toEqual(full)
  },
  'claims are found by what they meet, by the file that they cover, and by whose they are not': async bench => {
    await twoSessions(bench)
    for (const path of ['src/**', 'src/a.ts', 'src/b.md', 'docs']) await claim(bench, 's1', path)
    await claim(bench, 's2', 'lib')
    const listed = async (query: object) => (await bench.store.claims({ limit: 99, ...query })).map(each => each.path)
    expect(await listed({ meets: { path: 'src/*.ts' } })).toEqual(['src/**', 'src/a.ts'])
    expect(await listed({ covers: { path: 'src/c.ts' } })).toEqual(['src/**'])
    expect(await listed({ covers: { path: 'src/a.ts' }, limit: 1 })).toEqual(['src/**'])
    expect(await listed({ notSessionId: 's1' })).toEqual(['lib'])
    expect(await listed({ notSessionId: 'unknown', limit: 2 })).toEqual(['docs', 'lib'])
    expect(await listed({ meets: { path: 'src' }, notSessionId: 's1' })).toEqual([])
  },
  'claims in force are listed by path, of an area or a session': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'b')
    await claim(bench, 's2', 'a')
    await claim(bench, 's1', 'a', { area: 'r2' })
    const listed = async (query: object) =>
      (await bench.store.claims({ ...query, limit: 99 })).map(each => `${each.area} ${each.path} ${each.sessionId}`)
    expect(await listed({})).toEqual(['r1 a s2', 'r2 a s1', 'r1 b s1'])
    expect(await listed({ area: 'r1' })).toEqual(['r1 a s2', 'r1 b s1'])
    expect(await listed({ sessionId: 's1' })).toEqual(['r2 a s1', 'r1 b s1'])
    expect(await listed({ area: 'r1', sessionId: 's1' })).toEqual(['r1 b s1'])
    expect(await listed({ area: 'none' })).toEqual([])
  },
  'a claim that folds case meets names in any case, whichever of the two does': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'src/README.md')
    await claim(bench, 's2', 'src/Readme.md')
    expect(await refused(bench.store, { ...wish('s2', 'SRC/readme.md'), foldsCase: true })).toMatchObject({
      code: 'claim_held',
      claim: { path: 'src/README.md' },
    })
    await done(bench.store, { ...wish('s1', 'docs/**'), foldsCase: true })
    expect(await refused(bench.store, wish('s2', 'DOCS/a.md'))).toMatchObject({ code: 'claim_held' })
  },
  'claims move to another area with token and term; on one path the older stays': async bench => {
    await twoSessions(bench)
    await claim(bench, 's1', 'a')
    await claim(bench, 's2', 'b')
    await claim(bench, 's2', 'a', { area: 'r2' })
    await claim(bench, 's1', 'c', { area: 'r2' })
    await claim(bench, 's2', 'c')
    await claim(bench, 's1', 'old', { ttlMs: 1 })
    bench.clock.ms += 1
    const [some] = await done(bench.store, { kind: 'moveClaims', area: 'r1', to: 'r3', sessionId: 's1' })
    expect(some).toMatchObject({ moved: [{ area: 'r3', path: 'a', token: 1, sessionId: 's1' }], lost: [] })
    const [rest] = await done(bench.store, { kind: 'moveClaims', area: 'r3', to: 'r2', sessionId: 's1' })
    expect(rest).toMatchObject({ moved: [{ path: 'a', token: 1 }], lost: [{ path: 'a', token: 3 }] })
    const [last] = await done(bench.store, { kind: 'moveClaims', area: 'r1', to: 'r2', sessionId: 's2' })
    expect(last).toMatchObject({ moved: [{ path: 'b', token: 2 }], lost: [{ path: 'c', token: 5 }] })
    expect((await bench.store.claims({ limit: 99 })).map(each => [each.area, each.path, each.token])).toEqual([
      ['r2', 'a', 1],
      ['r2', 'b', 2],
      ['r2', 'c', 4],
    ])
    const nowhere = await done(bench.store, { kind: 'moveClaims', area: 'r2', to: 'r2', sessionId: 's1' })
    expect(nowhere).toEqual([{ moved: [], lost: [] }])
  },
  'claims that move take no path from a session of another grantor, which claimed it later': async bench => {
    await twoSessions(bench)
    await join(bench.store, 's3', [], { grantor: 'tok_ci' })
    await claim(bench, 's3', 'a', { area: 'r2' })
    await claim(bench, 's1', 'a')
    const [moved] = await done(bench.store, { kind: 'moveClaims', area: 'r2', to: 'r1', sessionId: 's3' })
    expect(moved).toMatchObject({ moved: [], lost: [{ area: 'r2', sessionId: 's3' }] })
    expect(await bench.store.claims({ limit: 9 })).toMatchObject([{ area: 'r1', path: 'a', sessionId: 's1' }])
  },
}
