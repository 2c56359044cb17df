import { expect } from 'vitest'
import { defined } from '../../src/bus/defined.ts'
import type { Session } from '../../src/bus/session.ts'
import {
  anEvent,
  aSession,
  type Cases,
  done,
  ids,
  join,
  names,
  publish,
  refused,
  START_MS,
  take,
  unreadIds,
} from './bench.ts'

export const sessions: Cases = {
  'what was told to a session is counted by several at once': async ({ store }) => {
    await join(store, 's1')
    const told = (injected: object) => done(store, { kind: 'updateSession', id: 's1', patch: {}, injected })
    await Promise.all([told({ chars: 5, messages: 1 }), told({ rings: 1 }), told({ chars: 2, messages: 1 })])
    expect((await store.session('s1'))?.injected).toEqual({ chars: 7, messages: 2, rings: 1 })
  },
  'a session is read as it was created, and seen at its creation': async ({ store }) => {
    const all = aSession('s1', {
      agent: 'claude-code',
      role: 'dev',
      summary: 'schöner "Text"\u0000 \uD83D\uDE00 \uD800',
      clientId: 'c1',
      run: 'r-1',
      repo: 'acme/api',
      worktree: '/w',
      branch: 'main',
      cwd: '/w/src',
      pane: 'tmux:%3',
      owns: ['src/**'],
      topics: ['ci'],
      activity: 'waiting',
      waitingFor: 'permission',
    })
    const [created] = await done(store, { kind: 'createSession', session: all })
    expect(created).toEqual({ ...all, registeredAt: START_MS, seenAt: START_MS })
    expect(await store.session('s1')).toEqual(created)
    expect(await store.session('none')).toBeUndefined()
  },
  'what a caller does to what it was given changes nothing in the store': async ({ store }) => {
    const given = aSession('s1', { topics: ['ci'] })
    const [created] = await done(store, { kind: 'createSession', session: given })
    ;(given.topics as string[]).push('mine')
    ;((await store.session('s1'))!.topics as string[]).push('mine')
    ;(created.topics as string[]).push('mine')
    expect((await store.session('s1'))?.topics).toEqual(['ci'])
  },
  'ids and clients are each borne once': async ({ store }) => {
    await done(store, { kind: 'createSession', session: aSession('s1', { clientId: 'c1' }) })
    const taken = (id: string, more: object) => refused(store, { kind: 'createSession', session: aSession(id, more) })
    expect(await taken('s1', { name: 'x', codename: 'x' })).toEqual({ code: 'identity_taken', what: 'id' })
    expect(await taken('s2', { clientId: 'c1' })).toEqual({ code: 'identity_taken', what: 'client' })
    await done(store, { kind: 'createSession', session: aSession('s2', { clientId: 'c1', machine: 'm2' }) })
  },
  'names and codenames are each borne once: a taken one gets the first free number': async ({ store }) => {
    const created: Session[] = []
    for (const id of ['s1', 's2', 's3', 's4']) {
      const session = aSession(id, { name: 'api', codename: 'red-fox' })
      created.push(...(await done(store, { kind: 'createSession', session })))
    }
    expect(names(created)).toEqual(['api', 'api-2', 'api-3', 'api-4'])
    expect(created.map(each => each.codename)).toEqual(['red-fox', 'red-fox-2', 'red-fox-3', 'red-fox-4'])
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    const [next] = await done(store, {
      kind: 'createSession',
      session: aSession('s5', { name: 'api', codename: 'red-fox' }),
    })
    expect(next).toMatchObject({ name: 'api-2', codename: 'red-fox-5' })
    expect(await store.session('s5')).toEqual(next)
  },
  'of a hundred that wish for one name and codename at once, each gets its own': async ({ store }) => {
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        done(store, { kind: 'createSession', session: aSession(`s${n}`, { name: 'main', codename: 'red-fox' }) }),
      ),
    )
    const numbered = (base: string) => [base, ...Array.from({ length: 99 }, (_, n) => `${base}-${n + 2}`)].sort()
    expect(all.map(([session]) => session.name).sort()).toEqual(numbered('main'))
    expect(all.map(([session]) => session.codename).sort()).toEqual(numbered('red-fox'))
  },
  'a name is taken where another looks like it': async ({ store }) => {
    const wish = async (id: string, name: string) =>
      (await done(store, { kind: 'createSession', session: aSession(id, { name }) }))[0].name
    expect(await wish('s1', 'backend')).toBe('backend')
    expect(await wish('s2', 'Backend')).toBe('Backend-2')
    expect(await wish('s3', 'b\u0430ckend')).toBe('b\u0430ckend-3')
    expect(await wish('s4', 'backend-3x')).toBe('backend-3x')
    expect(await wish('s5', 'backen')).toBe('backen')
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    expect(await wish('s6', 'BACKEND')).toBe('BACKEND')
    const [renamed] = await done(store, { kind: 'updateSession', id: 's5', patch: { name: 'backend-2' } })
    expect(renamed.name).toBe('backend-2-2')
  },
  'no name is a codename, and no codename a name of somebody who is there': async ({ store }) => {
    const wish = async (id: string, name: string, codename: string) =>
      (await done(store, { kind: 'createSession', session: aSession(id, { name, codename }) }))[0]
    await wish('s1', 'api', 'red-fox')
    expect(await wish('s2', 'red-fox', 'api')).toMatchObject({ name: 'red-fox-2', codename: 'api-2' })
    expect(await wish('s3', 'api-2', 'red-fox-2')).toMatchObject({ name: 'api-2-2', codename: 'red-fox-2-2' })
    const [renamed] = await done(store, { kind: 'updateSession', id: 's3', patch: { name: 'red-fox' } })
    expect(renamed.name).toBe('red-fox-3')
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    expect((await wish('s4', 'red-fox', 'api')).codename).toBe('api')
    expect((await store.session('s4'))?.name).toBe('red-fox-4')
  },
  'of two that race for one client the loser hears of the client first': async ({ store }) => {
    await done(store, { kind: 'createSession', session: aSession('s1', { clientId: 'c1' }) })
    const twin = aSession('s2', { clientId: 'c1', name: 's1', codename: 'code-s1' })
    expect(await refused(store, { kind: 'createSession', session: twin })).toMatchObject({ what: 'client' })
  },
  'an ended session keeps id, client and codename, and frees its name': async ({ store }) => {
    await join(store, 's1', [], { clientId: 'c1' })
    await done(store, { kind: 'endSession', id: 's1', reason: 'unregistered' })
    const taken = (id: string, more: object) => refused(store, { kind: 'createSession', session: aSession(id, more) })
    expect(await taken('s1', { name: 'x', codename: 'x' })).toMatchObject({ what: 'id' })
    expect(await taken('s2', { clientId: 'c1' })).toMatchObject({ what: 'client' })
    const [next] = await done(store, {
      kind: 'createSession',
      session: aSession('s2', { name: 's1', codename: 'code-s1' }),
    })
    expect(next).toMatchObject({ name: 's1', codename: 'code-s1-2' })
  },
  'a client finds its session again, ended or not': async ({ store }) => {
    const session = await join(store, 's1', [], { clientId: 'c1' })
    expect(await store.sessionOfClient('operator', 'm1', 'c1')).toEqual(session)
    expect(await store.sessionOfClient('operator', 'm2', 'c1')).toBeUndefined()
    await done(store, { kind: 'endSession', id: 's1', reason: 'x' })
    expect((await store.sessionOfClient('operator', 'm1', 'c1'))?.endReason).toBe('x')
  },
  'an update changes, clears and leaves fields': async ({ store, clock }) => {
    const before = await join(store, 's1', [], { role: 'dev', branch: 'main', summary: 'old', topics: ['ci'] })
    clock.ms += 1_000
    const patch = { role: 'lead', branch: null, topics: null, summary: undefined, activity: 'busy' } as const
    const [after] = await done(store, { kind: 'updateSession', id: 's1', patch: patch as object })
    const { branch: _, ...rest } = before
    expect(after).toEqual({ ...rest, role: 'lead', topics: [], activity: 'busy' })
    expect(await store.session('s1')).toEqual(after)
    expect(after).not.toHaveProperty('branch')
  },
  'an update takes the first free name, and the one that it has is its own': async ({ store }) => {
    await join(store, 's1')
    await join(store, 's2')
    const rename = async (name: string) =>
      (await done(store, { kind: 'updateSession', id: 's2', patch: { name } }))[0].name
    expect(await rename('s1')).toBe('s1-2')
    expect(await rename('s1')).toBe('s1-2')
    expect(await rename('s2')).toBe('s2')
    expect(await rename('free')).toBe('free')
    expect(ids(await store.sessionsCalled('free'))).toEqual(['s2'])
    expect(ids(await store.sessionsCalled('s1-2'))).toEqual([])
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    expect(await rename('s1')).toBe('s1')
    const [revived] = await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(revived.name).toBe('s1-2')
  },
  'a session may get, change and lose the client that it is of, but not take that of another': async ({ store }) => {
    await join(store, 's1', [], { clientId: 'c1' })
    await join(store, 's2')
    const client = (clientId: string | null) => ({ kind: 'updateSession', id: 's2', patch: { clientId } }) as const
    expect(await refused(store, client('c1'))).toEqual({ code: 'identity_taken', what: 'client' })
    await done(store, client('c2'))
    expect((await store.sessionOfClient('operator', 'm1', 'c2'))?.id).toBe('s2')
    await done(store, client('c3'), client('c3'))
    expect(await store.sessionOfClient('operator', 'm1', 'c2')).toBeUndefined()
    await done(store, client(null), { kind: 'updateSession', id: 's1', patch: { clientId: 'c3' } })
    expect((await store.sessionOfClient('operator', 'm1', 'c3'))?.id).toBe('s1')
  },
  'an unknown session can be neither changed, ended nor made to follow': async ({ store }) => {
    const unknown = { code: 'not_found', what: 'session' }
    expect(await refused(store, { kind: 'updateSession', id: 'x', patch: {} })).toEqual(unknown)
    expect(await refused(store, { kind: 'endSession', id: 'x', reason: '' })).toEqual(unknown)
    expect(await refused(store, { kind: 'follow', sessionId: 'x', channels: [], backfillMs: 0 })).toEqual(unknown)
  },
  'a session is ended once, with its first reason': async ({ store, clock }) => {
    await join(store, 's1')
    clock.ms += 5
    const [first] = await done(store, { kind: 'endSession', id: 's1', reason: 'left' })
    expect(first).toMatchObject({ session: { endedAt: START_MS + 5, endReason: 'left' }, releasedClaims: 0 })
    clock.ms += 5
    expect(await done(store, { kind: 'endSession', id: 's1', reason: 'again' })).toEqual([first])
  },
  'only revive brings an ended session back, seen now': async ({ store, clock }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: 'left' })
    clock.ms += 5
    await done(store, { kind: 'updateSession', id: 's1', patch: { role: 'dev' } })
    expect((await store.session('s1'))?.endReason).toBe('left')
    const [revived] = await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(revived).toMatchObject({ role: 'dev', registeredAt: START_MS, seenAt: START_MS + 5 })
    expect(revived).not.toHaveProperty('endedAt')
    expect(revived).not.toHaveProperty('endReason')
    expect(names(await store.followers(['all'], 10))).toEqual(['s1'])
  },
  'a session that comes back gets another name where somebody bears its own now': async ({ store }) => {
    await join(store, 's1')
    await done(store, { kind: 'endSession', id: 's1', reason: 'left' })
    await done(store, { kind: 'createSession', session: aSession('s2', { name: 's1' }) })
    const revive = { kind: 'updateSession', id: 's1', patch: {}, revive: true } as const
    expect((await done(store, revive))[0].name).toBe('s1-2')
    const end = { kind: 'endSession', id: 's2', reason: '' } as const
    const [, ended] = await done(store, end, { kind: 'updateSession', id: 's2', patch: { name: 's1-2' } })
    expect(ended.name).toBe('s1-2')
  },
  'what was offered without proof is unread again for another run, and for that only': async ({ store }) => {
    await join(store, 's1')
    const { id } = await publish(store)
    await take(store, 's1')
    await done(store, { kind: 'updateSession', id: 's1', patch: {}, revive: true })
    expect(await unreadIds(store, 's1')).toEqual([])
    await done(store, { kind: 'updateSession', id: 's1', patch: { run: 'r2' }, reofferUnproved: true })
    expect(await unreadIds(store, 's1')).toEqual([id])
    expect(await store.hasOpenOffer('s1')).toBe(false)
  },
  'signs of life pass over unknown and ended sessions': async ({ store, clock }) => {
    await join(store, 's1')
    await join(store, 's2')
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    clock.ms += 7
    expect(await done(store, { kind: 'touch', ids: ['s1', 's2', 'nobody'] })).toEqual([null])
    expect((await store.session('s1'))?.seenAt).toBe(START_MS + 7)
    expect((await store.session('s2'))?.seenAt).toBe(START_MS)
  },
  'sessions are listed by when they were last seen': async ({ store, clock }) => {
    for (const id of ['s1', 's2', 's3']) {
      clock.ms += 1
      await join(store, id)
    }
    clock.ms += 1
    await done(store, { kind: 'touch', ids: ['s1'] })
    expect(ids(await store.sessions({ limit: 10 }))).toEqual(['s1', 's3', 's2'])
    expect(ids(await store.sessions({ limit: 2 }))).toEqual(['s1', 's3'])
  },
  'sessions are narrowed by repo and machine, and ended ones come where asked for': async ({ store, clock }) => {
    const places = [
      ['s1', 'm1', 'r1'],
      ['s2', 'm1', 'r2'],
      ['s3', 'm2', 'r1'],
      ['s4', 'm1', 'r1'],
    ] as const
    for (const [id, machine, repo] of places) {
      clock.ms += 1
      await join(store, id, [], { machine, repo })
    }
    await done(store, { kind: 'endSession', id: 's3', reason: '' })
    const listed = async (query: object) => ids(await store.sessions({ limit: 10, ...query }))
    expect(await listed({ repo: 'r1' })).toEqual(['s4', 's1'])
    expect(await listed({ repo: 'r1', includeEnded: true })).toEqual(['s4', 's3', 's1'])
    expect(await listed({ machine: 'm1' })).toEqual(['s4', 's2', 's1'])
    expect(await listed({ machine: 'm1', repo: 'r2' })).toEqual(['s2'])
    expect(await listed({ repo: 'none' })).toEqual([])
  },
  'the operator is found by name, and is in no list': async ({ store }) => {
    await join(store, 'operator')
    expect(await store.sessions({ limit: 10, includeEnded: true })).toEqual([])
    expect(ids(await store.sessionsCalled('operator'))).toEqual(['operator'])
    expect(await store.session('operator')).toBeDefined()
  },
  'a reference is an id, else a codename, else a name; of those, one who is still there': async ({ store, clock }) => {
    await join(store, 's1', [], { name: 'api' })
    clock.ms += 1
    await done(store, { kind: 'endSession', id: 's1', reason: '' })
    await join(store, 's2', [], { name: 'api', codename: 'red-fox' })
    await done(store, { kind: 'endSession', id: 's2', reason: '' })
    clock.ms -= 1
    await join(store, 's3', [], { name: 'api' })
    expect(ids(await store.sessionsCalled('api'))).toEqual(['s3', 's2', 's1'])
    expect(ids(await store.sessionsCalled('red-fox'))).toEqual(['s2'])
    expect(ids(await store.sessionsCalled('s1'))).toEqual(['s1'])
    expect(await store.sessionsCalled('ap')).toEqual([])
    await done(store, { kind: 'endSession', id: 's3', reason: '' })
    await join(store, 's4', [], { name: 's2', codename: 's1' })
    await join(store, 's5', [], { name: 's4' })
    expect(ids(await store.sessionsCalled('s1'))).toEqual(['s1'])
    expect(ids(await store.sessionsCalled('s2'))).toEqual(['s2'])
    expect(ids(await store.sessionsCalled('s4'))).toEqual(['s4'])
  },
  'an event without a name of its sender has that of its session, as it is by then': async ({ store }) => {
    await join(store, 's1', [], { name: 'api' })
    const event = { ...anEvent({ senderId: 's2' }), senderName: undefined }
    const [, first, , second] = await done(
      store,
      { kind: 'createSession', session: aSession('s2', { name: 'api' }) },
      { kind: 'append', event: defined(event) },
      { kind: 'updateSession', id: 's2', patch: { name: 'web' } },
      { kind: 'append', event: defined(event) },
    )
    expect([first.senderName, second.senderName]).toEqual(['api-2', 'web'])
    expect((await store.event(first.id))?.senderName).toBe('api-2')
    const unknown = defined({ ...event, senderId: 'nobody' })
    expect(await refused(store, { kind: 'append', event: unknown })).toEqual({ code: 'not_found', what: 'session' })
  },
  'repos, machines, roles and topics stay known when nobody has them any more': async ({ store }) => {
    await join(store, 's1', [], { repo: 'r1', role: 'dev', topics: ['ci', 'x'] })
    await done(store, { kind: 'updateSession', id: 's1', patch: { repo: 'r2', role: null, topics: ['b'] } })
    expect(await store.known('repo', 99)).toEqual(['r1', 'r2'])
    expect(await store.known('role', 99)).toEqual(['dev'])
    expect(await store.known('topic', 99)).toEqual(['b', 'ci', 'x'])
    expect(await store.known('machine', 99)).toEqual(['m1'])
  },
  'a sweep ends who has been silent for so long, with a reason, but never the operator': async ({ store, clock }) => {
    await join(store, 'operator')
    await join(store, 's1')
    clock.ms += 1
    await join(store, 's2')
    await done(store, { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 10_000 })
    clock.ms += 99
    const [{ ended }] = await done(store, { kind: 'sweep', silentMs: 100 })
    expect(ended).toMatchObject([{ id: 's1', endedAt: START_MS + 100, endReason: 'silent' }])
    expect(await store.claims({ limit: 99 })).toEqual([])
    expect(ids(await store.sessions({ limit: 10 }))).toEqual(['s2'])
    expect(await done(store, { kind: 'sweep', silentMs: 100 })).toEqual([{ ended: [] }])
    expect((await store.session('operator'))?.endedAt).toBeUndefined()
  },
}
