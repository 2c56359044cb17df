import { expect } from 'vitest'
import type { Authority } from '../../src/bus/access.ts'
import { anEvent, aSession, type Cases, done, ids, join, log, refused, START_MS } from './bench.ts'

const aToken = (name: string, more: { id?: string; scopes?: ('read' | 'publish' | 'terminal')[] } = {}) =>
  ({
    kind: 'putToken',
    token: { id: `tok_${name}`, name, hash: `hash of ${more.id ?? name}`, scopes: ['read', 'publish'], ...more },
  }) as const

const ofToken: Authority = { kind: 'token', id: 'tok_ci', scope: 'publish' }
const ofSession: Authority = { kind: 'session', id: 's1', scope: 'publish' }
const append = [{ kind: 'append', event: anEvent() }] as const

export const authority: Cases = {
  'a token is found by id and hash until it is revoked': async ({ store, clock }) => {
    const given = { id: 't1', name: 'ci', hash: 'h1', scopes: ['read', 'publish'], machine: 'm9' } as const
    const [token] = await done(store, { kind: 'putToken', token: given })
    expect(token).toEqual({ ...given, createdAt: START_MS })
    expect(await store.tokenOfHash('h1')).toEqual(token)
    expect(await store.token('t1')).toEqual(token)
    expect([await store.tokenOfHash('h2'), await store.token('t2')]).toEqual([undefined, undefined])
    clock.ms += 1
    const [revoked] = await done(store, { kind: 'revokeToken', name: 'ci' })
    expect(revoked).toEqual({ token: { ...token, revokedAt: START_MS + 1 }, ended: [] })
    expect([await store.tokenOfHash('h1'), await store.token('t1')]).toEqual([undefined, undefined])
    expect(await store.tokens()).toEqual([revoked.token])
    expect(await refused(store, { kind: 'revokeToken', name: 'ci' })).toEqual({ code: 'not_found', what: 'token' })
  },
  "a token's name is borne once at a time, its id once for ever": async ({ store }) => {
    await done(store, aToken('ci', { id: 't1' }))
    expect(await refused(store, aToken('ci', { id: 't2' }))).toEqual({ code: 'identity_taken', what: 'name' })
    await done(store, aToken('laptop', { id: 't3' }), { kind: 'revokeToken', name: 'ci' })
    expect(await refused(store, aToken('ci', { id: 't1' }))).toEqual({ code: 'identity_taken', what: 'id' })
    await done(store, aToken('ci', { id: 't2' }))
    const listed = (await store.tokens()).map(each => [each.name, each.id, each.revokedAt !== undefined])
    expect(listed).toEqual([
      ['ci', 't1', true],
      ['laptop', 't3', false],
      ['ci', 't2', false],
    ])
  },
  'what a caller does to a token that it was given changes nothing in the store': async ({ store }) => {
    await done(store, aToken('ci'))
    ;((await store.token('tok_ci'))!.scopes as string[]).push('admin')
    expect((await store.token('tok_ci'))?.scopes).toEqual(['read', 'publish'])
  },
  'a token loses scopes and never gains any': async ({ store }) => {
    await done(store, aToken('ci'), aToken('other'))
    await join(store, 's1', [], { grantor: 'tok_ci' })
    await join(store, 's2', [], { grantor: 'tok_other' })
    await join(store, 's3', [], { grantor: 'tok_ci' })
    await done(store, { kind: 'endSession', id: 's3', reason: '' })
    const [narrowed] = await done(store, { kind: 'narrowToken', name: 'ci', scopes: ['publish', 'admin'] })
    expect(narrowed).toMatchObject({ token: { scopes: ['publish'] }, sessionIds: ['s1'] })
    expect((await store.token('tok_ci'))?.scopes).toEqual(['publish'])
    expect((await store.token('tok_other'))?.scopes).toEqual(['read', 'publish'])
    const unknown = { kind: 'narrowToken', name: 'none', scopes: [] } as const
    expect(await refused(store, unknown)).toEqual({ code: 'not_found', what: 'token' })
  },
  'a revoked token takes its sessions with it, their claims and no others, and the others are told': async ({
    store,
  }) => {
    await done(store, aToken('ci'), aToken('other'))
    for (const [id, grantor] of [
      ['s1', 'tok_ci'],
      ['s2', 'tok_other'],
      ['s3', 'tok_ci'],
      ['s4', 'operator'],
      ['s5', 'tok_ci'],
    ] as const) {
      await join(store, id, [], { grantor })
      await done(store, { kind: 'claim', area: 'r', path: id, sessionId: id, ttlMs: 1_000 })
    }
    await done(store, { kind: 'endSession', id: 's5', reason: 'left before' })
    const [{ ended }] = await done(store, { kind: 'revokeToken', name: 'ci' })
    expect(ids(ended)).toEqual(['s1', 's3'])
    expect(ended[0]).toMatchObject({ endedAt: START_MS, endReason: 'token revoked' })
    expect(ids(await store.sessions({ limit: 9 }))).toEqual(['s2', 's4'])
    expect((await store.claims({ limit: 9 })).map(claim => claim.path)).toEqual(['s2', 's4'])
    const told = await log(store)
    expect(told.map(({ type, senderId }) => `${type} ${senderId}`)).toEqual([
      'session_unregistered s1',
      'session_unregistered s3',
    ])
    expect((await store.session('s5'))?.endReason).toBe('left before')
    expect(ids(await store.followers(['all'], 9))).toEqual(['s2', 's4'])
  },
  'each grantor has client ids of its own': async ({ store }) => {
    await done(store, aToken('ci'))
    const client = { clientId: 'c1', machine: 'm1' }
    await join(store, 's1', [], client)
    await join(store, 's2', [], { ...client, grantor: 'tok_ci' })
    expect((await store.sessionOfClient('operator', 'm1', 'c1'))?.id).toBe('s1')
    expect((await store.sessionOfClient('tok_ci', 'm1', 'c1'))?.id).toBe('s2')
    expect(await store.sessionOfClient('tok_other', 'm1', 'c1')).toBeUndefined()
    const twin = { kind: 'createSession', session: aSession('s3', { ...client, grantor: 'tok_ci' }) } as const
    expect(await refused(store, twin)).toEqual({ code: 'identity_taken', what: 'client' })
    const moved = { kind: 'updateSession', id: 's2', patch: { clientId: 'c2' } } as const
    await done(store, moved)
    expect((await store.sessionOfClient('tok_ci', 'm1', 'c2'))?.id).toBe('s2')
    expect((await store.session('s2'))?.grantor).toBe('tok_ci')
  },
  'nothing is done on the authority of a token that was revoked or has lost the scope': async ({ store }) => {
    await done(store, aToken('ci'))
    expect(await store.commit(append, undefined, ofToken)).toMatchObject({ ok: true })
    await done(store, { kind: 'narrowToken', name: 'ci', scopes: ['read'] })
    const narrowed = await store.commit(append, undefined, ofToken)
    expect(narrowed).toMatchObject({ ok: false, conflict: { code: 'unauthorised', why: 'narrowed' } })
    expect(await store.commit(append, undefined, { ...ofToken, scope: 'read' })).toMatchObject({ ok: true })
    await done(store, { kind: 'revokeToken', name: 'ci' })
    const revoked = await store.commit(append, undefined, { ...ofToken, scope: 'read' })
    expect(revoked).toMatchObject({ ok: false, conflict: { code: 'unauthorised', why: 'revoked' } })
    expect(await store.commit(append, undefined, { ...ofToken, id: 'tok_none' })).toMatchObject({ ok: false })
    expect(await log(store)).toHaveLength(2)
  },
  'a session has the authority of its grantor, at each moment': async ({ store }) => {
    await done(store, aToken('ci'))
    await join(store, 's1', [], { grantor: 'tok_ci' })
    expect(await store.commit(append, undefined, ofSession)).toMatchObject({ ok: true })
    await done(store, { kind: 'narrowToken', name: 'ci', scopes: ['read'] })
    expect(await store.commit(append, undefined, ofSession)).toMatchObject({ conflict: { why: 'narrowed' } })
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    const reading = { ...ofSession, scope: 'read' } as const
    expect(await store.commit([], undefined, reading)).toMatchObject({ conflict: { why: 'ended' } })
    expect(await store.commit([], undefined, { ...reading, mayHaveEnded: true })).toMatchObject({ ok: true })
    await done(store, { kind: 'revokeToken', name: 'ci' })
    for (const mayHaveEnded of [false, true]) {
      const commit = await store.commit([], undefined, { ...reading, mayHaveEnded })
      expect(commit).toMatchObject({ conflict: { why: 'revoked' } })
    }
  },
  'a session of the operator has authority until it ends': async ({ store }) => {
    await join(store, 's1')
    expect(await store.commit(append, undefined, ofSession)).toMatchObject({ ok: true })
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    expect(await store.commit(append, undefined, ofSession)).toMatchObject({ conflict: { why: 'ended' } })
    expect(await store.commit(append, undefined, { ...ofSession, id: 'none' })).toMatchObject({
      conflict: { why: 'revoked' },
    })
  },
  'a commit of the same moment finds the authority that the one before it has ended gone': async ({ store }) => {
    await done(store, aToken('ci'))
    await join(store, 's1', [], { grantor: 'tok_ci' })
    const all = await Promise.all([
      store.commit(append, undefined, ofSession),
      store.commit([{ kind: 'revokeToken', name: 'ci' }]),
      store.commit(append, undefined, ofSession),
      store.commit(append, undefined, ofToken),
    ])
    expect(all.map(commit => commit.ok)).toEqual([true, true, false, false])
    expect((await log(store)).map(({ type }) => type)).toEqual(['message', 'session_unregistered'])
  },
  'an answer that is kept under a key is no longer given to a caller that lost the authority': async ({ store }) => {
    await done(store, aToken('ci'))
    const key = { scope: 'tok_ci publish', key: 'k', fingerprint: 'f' }
    await store.commit(append, key, ofToken)
    await done(store, { kind: 'revokeToken', name: 'ci' })
    expect(await store.commit(append, key, ofToken)).toMatchObject({ ok: false, conflict: { why: 'revoked' } })
  },
  'an expelled session comes back only where it is let in': async ({ store, clock }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: 'expelled' })
    const revive = { kind: 'updateSession', id: 's1', patch: {}, revive: true } as const
    expect(await refused(store, revive)).toEqual({ code: 'expelled', sessionId: 's1' })
    clock.ms += 1
    const [back] = await done(store, { ...revive, readmit: true })
    expect(back).toMatchObject({ readmissions: 1, seenAt: START_MS + 1 })
    expect(back).not.toHaveProperty('endReason')
  },
  'a session that was let in again comes back by itself, and is not let in twice': async ({ store }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: 'expelled' })
    const readmit = { kind: 'updateSession', id: 's1', patch: {}, readmit: true } as const
    const [left] = await done(store, readmit)
    expect(left).toMatchObject({ readmissions: 1, endReason: 'unregistered', endedAt: START_MS })
    await done(store, readmit)
    const [back] = await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(back).toMatchObject({ readmissions: 1 })
  },
  'one that has ended by itself can be expelled yet': async ({ store, clock }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: 'connection closed' })
    clock.ms += 1
    const [{ session }] = await done(store, { kind: 'endSession', id: 's1', reason: 'expelled' })
    expect(session).toMatchObject({ endedAt: START_MS, endReason: 'expelled' })
    expect(await store.session('s1')).toEqual(session)
    await done(store, { kind: 'endSession', id: 's1', reason: 'connection closed' })
    expect((await store.session('s1'))?.endReason).toBe('expelled')
  },
  'listeners hear whose authority ended or became less, before anything later happens': async ({ store }) => {
    await done(store, aToken('ci'))
    for (const id of ['s1', 's2']) await join(store, id, [], { grantor: 'tok_ci' })
    await join(store, 's3')
    const heard: string[] = []
    const stop = store.onAuthority(changed => heard.push(...changed))
    store.onAppend(events => {
      process.nextTick(() => heard.push(...events.map(({ text }) => text)))
    })
    await Promise.all([
      store.commit([{ kind: 'narrowToken', name: 'ci', scopes: ['read'] }]),
      store.commit([{ kind: 'endSession', id: 's3', reason: '' }]),
      store.commit([{ kind: 'append', event: anEvent({ text: 'later' }) }]),
      store.commit([{ kind: 'revokeToken', name: 'ci' }, ...append], undefined, { ...ofToken, scope: 'admin' }),
    ])
    await expect.poll(() => heard).toContain('later')
    expect(heard).toEqual(['tok_ci', 's1', 's2', 's3', 'later'])
    stop()
    await done(store, { kind: 'revokeToken', name: 'ci' })
    await new Promise(resolve => setImmediate(resolve))
    expect(heard).not.toContain('tok_ci revoked')
    expect(heard.filter(id => id === 's1')).toHaveLength(1)
  },
}
