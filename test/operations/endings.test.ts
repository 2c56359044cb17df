import { beforeEach, describe, expect, it } from 'vitest'
import { expireMail } from '../../src/operations/notices.ts'
import { openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const repo = 'github.com/acme/api'
const at = (name: string) => ({ facts: { repo, branch: name, cwd: `/src/${name}`, worktree: `/src/${name}` } })

describe('a chain of replies', () => {
  it('is held past its eighth hop, and goes on when the operator continues it', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    let last = await a('publish', { text: '0', to: 'b' })
    for (let hop = 1; hop <= 8; hop++) {
      last = await (hop % 2 === 0 ? a : b)('publish', { text: String(hop), reply_to: last.event_id })
      expect(last).not.toHaveProperty('held')
    }
    const held = await b('publish', { text: '9', reply_to: last.event_id })
    expect(held).toMatchObject({
      held: expect.stringContaining('9 hops'),
      recipients: [{ session: 'a', state: 'held' }],
    })
    expect((await b('message_status', { event_id: held.event_id })).receipts).toMatchObject([
      { session: 'a', state: 'held', reason: expect.stringContaining('operator') },
    ])
    expect((await a('inbox', { limit: 50 })).messages.map(message => message.text)).not.toContain('9')
    expect((await world.operator('get_events', { after: held.event_id - 1 })).events[0]).toMatchObject({
      id: held.event_id,
      held: expect.stringContaining('9 hops'),
    })
    const { messages } = await world.operator('inbox', {})
    expect(messages).toMatchObject([
      {
        type: 'delivery_notice',
        trust: 'system',
        text: expect.stringMatching(
          `^Message ${held.event_id} from b to a is held: .*\`switchboard continue ${held.event_id}\``,
        ),
      },
    ])
    await expect(b('continue_chain', { event_id: held.event_id })).rejects.toMatchObject({ code: 'forbidden' })
    const first = await world.operator('continue_chain', { event_id: held.event_id })
    expect(await world.operator('continue_chain', { event_id: held.event_id })).toEqual(first)
    expect((await a('inbox', { limit: 50 })).messages).toMatchObject([
      { id: first.event_id, text: '9', from: 'b', continues: held.event_id },
    ])
    expect(await b('message_status', { event_id: held.event_id })).toMatchObject({
      held: expect.stringContaining('9 hops'),
      continued_as: first.event_id,
      receipts: [{ session: 'a', state: 'held' }],
    })
    const after = await b('message_status', { event_id: first.event_id })
    expect(after).toMatchObject({ continues: held.event_id })
    expect(after).not.toHaveProperty('held')
    expect(after).not.toHaveProperty('continued_as')
  })

  it('is held and never answered, also by a reply of one that has read it in the log', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    let last = await a('publish', { text: '0', to: 'b' })
    for (let hop = 1; last.held === undefined; hop++) {
      last = await (hop % 2 === 0 ? a : b)('publish', { text: String(hop), reply_to: last.event_id })
    }
    await world.operator('publish', { text: 'I have read it', reply_to: last.event_id, to: 'a' })
    await a('publish', { text: 'so have I', reply_to: last.event_id })
    expect((await b('message_status', { event_id: last.event_id })).receipts).toMatchObject([
      { session: 'a', state: 'held' },
    ])
  })

  it('between three that answer each other for ever ends', async () => {
    const members = [await world.join('a'), await world.join('b'), await world.join('c')]
    let last = await members[0]!('publish', { text: 'ping', to: 'b' })
    let sent = 1
    for (; last.held === undefined && sent < 50; sent++) {
      last = await members[sent % 3]!('publish', { text: 'pong', reply_to: last.event_id, to: 'abc'[(sent + 1) % 3]! })
    }
    expect(sent).toBeLessThanOrEqual(10)
  })

  it('without replies is held once two have taken turns faster than work does', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    let held = false
    for (let turn = 0; !held && turn < 100; turn++) {
      const one = turn % 2 === 0 ? a : b
      held = (await one('publish', { text: `${turn}`, to: turn % 2 === 0 ? 'b' : 'a' })).held !== undefined
    }
    expect(held).toBe(true)
    await world.operator('publish', { text: 'go on', to: 'a' })
    expect(await a('publish', { text: 'thanks', to: 'b' })).not.toHaveProperty('held')
  })

  it('never holds a burst from one side', async () => {
    const [a] = [await world.join('a'), await world.join('b')]
    for (let i = 0; i < 200; i++) {
      expect(await a('publish', { text: `${i}`, to: 'b' })).not.toHaveProperty('held')
    }
  })
})

describe('mail that ends badly', () => {
  it('expires for whom it is unread, and its sender is told', async () => {
    const [a, b, c] = [await world.join('a'), await world.join('b'), await world.join('c')]
    const { event_id } = await a('publish', { text: 'deploy in 5', to: ['b', 'c'], expires_seconds: 300 })
    await b('inbox', {})
    await b('whoami', {})
    world.pass(301_000)
    expect(await expireMail(world.store)).toBe(1)
    expect(await expireMail(world.store)).toBe(0)
    expect((await c('inbox', {})).messages).toEqual([])
    const { receipts } = await a('message_status', { event_id })
    expect(receipts.map(each => [each.session, each.state])).toEqual([
      ['b', 'consumed'],
      ['c', 'expired'],
    ])
    expect((await a('inbox', {})).messages).toMatchObject([
      { type: 'delivery_notice', trust: 'system', data: { event_id } },
    ])
  })

  it('is undeliverable once its session is forgotten, and its sender is told', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const { event_id } = await a('publish', { text: 'hi', to: 'b' })
    await b('unregister', {})
    world.pass(10 * 24 * 3600_000)
    await a('heartbeat', {})
    await world.operator('prune', { forget_ended_days: 7 })
    expect((await a('message_status', { event_id })).receipts).toMatchObject([{ session: 'b', state: 'undeliverable' }])
    expect((await a('inbox', {})).messages).toMatchObject([{ text: expect.stringContaining('b was forgotten') }])
  })
})

describe('a fork', () => {
  it('knows its parent, and does not get again what the parent was shown', async () => {
    const parent = await world.join('api', { client_id: 'one' })
    const peer = await world.join('peer')
    await peer('publish', { text: 'before' })
    const fork = await world.join('api', { client_id: 'two', facts: { parent: 'one' } })
    expect(fork.joined).toMatchObject({ name: 'api-2', resumed: false, unread: 0 })
    expect(await fork('whoami', {})).toMatchObject({ parent: parent.joined.session_id })
    await peer('publish', { text: 'after' })
    expect((await fork('inbox', {})).messages).toMatchObject([{ text: 'after' }])
  })

  it('is none where a cleared conversation goes on under another id', async () => {
    const api = await world.join('api', { client_id: 'one' })
    const moved = await world.operator('register', { client_id: 'two', facts: { known_as: ['one'] } })
    expect(moved).toMatchObject({ session_id: api.joined.session_id })
    expect(await world.operator('register', { client_id: 'two' })).toMatchObject({ session_id: api.joined.session_id })
    expect(await world.operator('register', { client_id: 'one' })).toMatchObject({ resumed: false })
  })
})

describe('heartbeat', () => {
  it('renews the claims of who works, and follows the repo that it moved to', async () => {
    const a = await world.join('a', at('a'))
    const b = await world.join('b', { facts: { repo: 'github.com/acme/web' } })
    await a('claim', { path: 'x', ttl_seconds: 100 })
    world.pass(60_000)
    await a('heartbeat', { activity: 'busy' })
    world.pass(60_000)
    expect((await a('list_claims', {})).claims).toMatchObject([{ path: 'x', seconds_left: 40 }])
    await b('publish', { text: 'web only', to: 'repo:web' })
    await a('heartbeat', { facts: { repo: 'github.com/acme/web' } })
    expect((await a('inbox', {})).messages).toMatchObject([{ text: 'web only' }])
  })
})
