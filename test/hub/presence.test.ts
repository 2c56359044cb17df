import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GONE_MS } from '../../src/bus/session.ts'
import { sweep } from '../../src/hub/departures.ts'
import { Presence } from '../../src/hub/presence.ts'
import { retain } from '../../src/hub/retention.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { untilPasses } from '../until.ts'
import { startTestHub, type TestHub } from './test-hub.ts'

let bus: TestHub

beforeEach(async () => {
  bus = await startTestHub()
})

afterEach(async () => {
  await bus[Symbol.asyncDispose]()
})

async function seen(name: string) {
  const { sessions } = await bus.call('list_sessions', { include_gone: true })
  return sessions.find((each: { name: string }) => each.name === name)
}

describe('a session with an attached stream', () => {
  it('is ended, and its claims with it, when its last stream closes and none comes back', async () => {
    const bob = await bus.register('bob', { facts: { repo: 'github.com/a/b' } })
    await bus.call('claim', { path: 'src/x.ts' }, bob.credential)
    const watch = await bus.stream()
    const streams = await Promise.all([bus.stream('attach=1', bob), bus.stream('attach=1&mine=1', bob)])
    streams[0].close()
    streams[1].close()
    await watch.until(({ events }) => events.at(-1)?.type === 'session_unregistered')
    expect(await seen('bob')).toMatchObject({ presence: 'gone', ended: 'connection closed' })
    expect((await bus.call('list_claims')).claims).toEqual([])
    await expect(bus.call('whoami', {}, bob.credential)).rejects.toMatchObject({ code: 'session_ended' })
  })

  it('stays while one of its streams is open, and when one is back in time', async () => {
    const bob = await bus.register('bob')
    const first = await bus.stream('attach=1', bob)
    const second = await bus.stream('attach=1', bob)
    first.close()
    await first.ended
    second.close()
    await second.ended
    const third = await bus.stream('attach=1', bob)
    const other = await bus.register('other')
    const stream = await bus.stream('attach=1', other)
    stream.close()
    // The other one left later: when it has been ended, bob would have been too.
    await untilPasses(async () => expect(await seen('other')).toMatchObject({ presence: 'gone' }))
    expect(await seen('bob')).toMatchObject({ presence: 'online' })
    third.close()
  })

  it('can register again with its client id, and goes on as the same', async () => {
    const bob = await bus.register('bob', { client_id: 'run-1' })
    const stream = await bus.stream('attach=1', bob)
    stream.close()
    await untilPasses(async () => expect(await seen('bob')).toMatchObject({ presence: 'gone' }))
    const again = await bus.register('bob', { client_id: 'run-1' })
    expect(again).toMatchObject({ session_id: bob.session_id, resumed: true, credential: bob.credential })
  })

  it('is not ended by a stop of the hub', async () => {
    const bob = await bus.register('bob')
    await bus.stream('attach=1', bob)
    let ended: unknown
    const { store } = bus
    const close = store.close.bind(store)
    store.close = async () => {
      ended = (await store.session(bob.session_id))?.endedAt
      await close()
    }
    await bus.hub.close()
    expect(ended).toBeUndefined()
  })

  it('does not count when it only reads along', async () => {
    const bob = await bus.register('bob')
    const mine = await bus.stream('mine=1', bob)
    const attached = await bus.stream('attach=1', await bus.register('other'))
    mine.close()
    await mine.ended
    attached.close()
    await untilPasses(async () => expect(await seen('other')).toMatchObject({ presence: 'gone' }))
    expect(await seen('bob')).toMatchObject({ presence: 'online' })
  })
})

describe('signs of life', () => {
  it('are seen at once, and written when the board is flushed', async () => {
    const clock = new TestMachine(1_000_000)
    const store = createMemoryStore({ clock })
    await store.commit([{ kind: 'createSession', session: session('ses_a') }])
    const board = new Presence({ store, end: async () => undefined })
    clock.ms += 60_000
    board.touch('ses_a')
    const before = (await store.session('ses_a'))!
    expect(before.seenAt).toBe(1_000_000)
    expect(clock.ms - board.seenAt(before, clock.ms)).toBeLessThan(1_000)
    await board.flush()
    expect((await store.session('ses_a'))!.seenAt).toBe(clock.ms)
    await board.close()
    await store.close()
  })

  it('keep an attached session from being swept, however long it is silent', async () => {
    const clock = new TestMachine(1_000_000)
    const store = createMemoryStore({ clock })
    for (const id of ['ses_a', 'ses_b']) await store.commit([{ kind: 'createSession', session: session(id) }])
    const board = new Presence({ store, end: async () => undefined, graceMs: 0 })
    const detach = board.attach('ses_a')
    clock.ms += GONE_MS + 1
    await board.flush()
    expect(await sweep(store)).toBe(1)
    expect((await store.session('ses_a'))!.endedAt).toBeUndefined()
    expect((await store.session('ses_b'))!.endedAt).toBe(clock.ms)
    expect((await store.events({ order: 'desc', limit: 1 })).events[0]).toMatchObject({
      type: 'session_unregistered',
      senderId: 'ses_b',
    })
    detach()
    await board.close()
    await store.close()
  })

  it('of one that attaches while it is being ended come too late, and it learns that', async () => {
    let finish: (() => void) | undefined
    const ended: string[] = []
    const board = new Presence({
      store: bus.store,
      graceMs: 0,
      end: id => new Promise(resolve => (finish = () => resolve(void ended.push(id)))),
    })
    board.attach('ses_a')()
    await untilPasses(() => expect(finish).toBeDefined())
    const settled = board.settled('ses_a').then(() => ended.length)
    finish!()
    expect(await settled).toBe(1)
    await board.close()
  })
})

describe('retention', () => {
  it('forgets nothing unless the configuration says so, and nothing that somebody has not read', async () => {
    const { credential } = await bus.register('bob')
    await bus.call('publish', { text: 'unread', to: 'bob' })
    for (let i = 0; i < 5; i++) await bus.call('publish', { text: `${i}`, to: 'topic:nobody' })
    expect(await retain(bus.store, {})).toBe(0)
    // The last of them, and bob's own unread message, stay.
    expect(await retain(bus.store, { maxEvents: 1 })).toBeGreaterThanOrEqual(4)
    const { messages } = await bus.call('inbox', {}, credential)
    expect(messages.map((each: { text: string }) => each.text)).toEqual(['unread'])
  })
})

function session(id: string) {
  return { id, name: id, codename: `code ${id}`, machine: 'here', grantor: 'operator', owns: [], topics: [] }
}
