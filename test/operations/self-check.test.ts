import { expect, it } from 'vitest'
import type { Client } from '../../src/client/index.ts'
import { sweep } from '../../src/hub/departures.ts'
import { selfCheck } from '../../src/transports/cli/commands/self-check.ts'
import { type Act, openWorld } from './world.ts'

const DAY_MS = 24 * 3600_000

async function openPair() {
  const world = await openWorld()
  const { sender, receiver } = await world.operator('self_check_pair', {})
  return { world, sender, receiver, a: world.sessionById(sender.session_id), b: world.sessionById(receiver.session_id) }
}

it('is one pair, however often it is asked for', async () => {
  const { world, sender, receiver } = await openPair()
  expect(await world.operator('self_check_pair', {})).toEqual({ sender, receiver })
  const both = await Promise.all([1, 2, 3].map(() => world.operator('self_check_pair', {})))
  expect(new Set(both.map(pair => JSON.stringify(pair))).size).toBe(1)
})

it('is in no list, gets no broadcast, and is not swept out', async () => {
  const { world, receiver, b } = await openPair()
  world.pass(30 * DAY_MS)
  await world.operator('whoami', {})
  expect(await sweep(world.store)).toBe(0)
  const api = await world.join('api')
  expect(api.joined.peers).toEqual([])
  expect((await world.operator('list_sessions', { include_gone: true })).sessions).toHaveLength(1)
  for (const to of ['all', 'machine:desk']) {
    const sent = await api('publish', { text: 'hi', to })
    expect(sent.recipients).toEqual([])
    expect((await api('message_status', { event_id: sent.event_id })).receipts).toEqual([])
  }
  expect((await b('inbox', {})).messages).toEqual([])
  expect(await world.store.stats()).toMatchObject({ sessions: 1, liveSessions: 1 })
  await b('register', { summary: 'still nobody', topics: ['x'] })
  expect((await api('publish', { text: 'hi', to: ['all', 'topic:x'] })).recipients).toEqual([])
  await expect(world.operator('unregister', { session: receiver.session_id })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})

it('shows what it says to who asks for its sender, and to nobody else', async () => {
  const { world, sender, receiver, a, b } = await openPair()
  const { event_id } = await a('publish', { text: 'Can you hear me?', to: receiver.session_id })
  const found = async (input: object) => (await world.operator('get_events', input)).events.map(({ id }) => id)
  expect(await found({})).toEqual([])
  expect(await found({ channel: receiver.session_id })).toEqual([])
  expect(await found({ query: 'hear' })).toEqual([])
  expect(await found({ from: sender.session_id })).toEqual([event_id])
  expect((await b('inbox', {})).messages).toMatchObject([{ id: event_id }])
  await b('whoami', {})
  expect((await a('message_status', { event_id })).receipts).toMatchObject([{ state: 'consumed' }])
})

it('is no recipient for anybody but each other, whatever it is called by', async () => {
  const { world, sender, receiver, a, b } = await openPair()
  const api = await world.join('api')
  const token = await world.token('ci', { scopes: ['publish', 'read'] })
  const { codename } = (await world.store.session(receiver.session_id))!
  const asked = (await a('publish', { text: 'Can you hear me?', to: receiver.session_id })).event_id
  for (const [who, act] of Object.entries({ api, token, operator: world.operator })) {
    for (const { session_id, name } of [sender, receiver]) {
      for (const to of [session_id, name, name.toUpperCase(), codename, `session:${name}`]) {
        const refused = expect(act('publish', { text: 'hi', to: ['all', to] }), `${who} to ${to}`).rejects
        await refused.toMatchObject({ code: 'unknown_recipient', details: { nearest: [] } })
      }
    }
    await expect(act('publish', { text: 'yes', reply_to: asked }), who).rejects.toMatchObject({
      code: 'unknown_recipient',
    })
  }
  expect((await b('inbox', {})).messages.map(({ id }) => id)).toEqual([asked])
  await b('publish', { text: 'yes', reply_to: asked })
  expect((await a('inbox', {})).messages).toMatchObject([{ text: 'yes' }])
})

it('is passed in as many calls where much mail waits for its receiver, from before that was refused', async () => {
  const { world, receiver, sender } = await openPair()
  const acts: Record<string, Act> = Object.fromEntries(
    [sender, receiver].map(({ credential, session_id }) => [credential, world.sessionById(session_id)]),
  )
  const calls: string[] = []
  const client = (act: Act): Client =>
    ({
      call: (name: never, input: never) => {
        calls.push(name)
        return act(name, input)
      },
      withCredential: (credential: string) => client(acts[credential]!),
    }) as unknown as Client
  const check = async () => {
    calls.length = 0
    const { signal } = new AbortController()
    expect(await selfCheck(client(world.operator), signal)).toMatchObject({ ok: true, proof: 'ack' })
    return [...calls]
  }
  const empty = await check()
  const text = 'x'.repeat(60_000)
  const channels = [`session:${receiver.session_id}`]
  const of = { type: 'message', channels, senderId: 'ses_x', level: 'actionable', urgency: 'now', hops: 0 } as const
  for (let i = 0; i < 20; i++) await world.store.commit([{ kind: 'append', event: { ...of, text } }])
  expect(await check()).toEqual(empty)
})

it('is passed by each of two checks of which the later was acknowledged first', async () => {
  const { world, sender, receiver, b } = await openPair()
  const acts: Record<string, Act> = Object.fromEntries(
    [sender, receiver].map(({ credential, session_id }) => [credential, world.sessionById(session_id)]),
  )
  const client = (act: Act): Client =>
    ({
      call: async (name: never, input: never) => {
        if (name === 'ack') await other()
        return await act(name, input)
      },
      withCredential: (credential: string) => client(acts[credential]!),
    }) as unknown as Client
  const other = async () => {
    const { event_id } = await acts[sender.credential]!('publish', { text: 'And me?', to: receiver.session_id })
    await b('ack', { up_to: event_id })
  }
  expect(await selfCheck(client(world.operator), new AbortController().signal)).toMatchObject({ ok: true })
})

it('is for the operator alone', async () => {
  const { world } = await openPair()
  const api = await world.join('api')
  await expect(api('self_check_pair', {})).rejects.toMatchObject({ code: 'forbidden' })
  const token = await world.token('ci')
  await expect(token('self_check_pair', {})).rejects.toMatchObject({ code: 'forbidden' })
})
