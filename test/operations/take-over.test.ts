import { describe, expect, it } from 'vitest'
import { ENDED } from '../../src/bus/session.ts'
import { openWorld } from './world.ts'

type World = Awaited<ReturnType<typeof openWorld>>

const HERE = { machine: 'desk', worktree: '/srv/api', cwd: '/srv/api/src', repo: 'api~1' }
const hour = { backfill_minutes: 60 }
const texts = (answer: { messages: readonly { text: string }[] }) => answer.messages.map(({ text }) => text)

/** A session that ended in that folder with these messages unread. */
async function ended(world: World, name = 'backend', sent = ['first', 'second'], clientId = name) {
  const peer = await world.join(`peer of ${name}`)
  const session = await world.join(name, { client_id: clientId, facts: HERE })
  const ids = []
  for (const text of sent) ids.push((await peer('publish', { to: name, text })).event_id)
  await session('unregister', {})
  return { peer, session, ids, codename: session.joined.codename }
}

describe('a session that starts in the folder of one that has ended', () => {
  it('is told what that left unread for itself, and takes it over with one call', async () => {
    const world = await openWorld()
    const { peer, ids, codename } = await ended(world)
    world.pass(300_000)
    const next = await world.join('next', { facts: HERE, ...hour })
    expect(next.joined.unread).toBe(1)
    const [notice] = (await next('inbox', {})).messages
    expect(notice).toMatchObject({ from: 'switchboard', trust: 'system', urgency: 'quiet' })
    expect(notice!.text).toBe(
      `backend (${codename}) ended in this folder 5m ago and left 2 unread messages, from peer-of-backend. ` +
        `If you go on with that work, take the messages over: \`inbox\` with \`take_over\` ${codename}.`,
    )
    const taken = await next('inbox', { take_over: codename })
    expect(texts(taken)).toEqual(['first', 'second'])
    expect(taken.messages.map(({ id }) => id)).toEqual(ids)
    await next('whoami', {})
    const { receipts } = await peer('message_status', { event_id: ids[0]! })
    expect(receipts).toMatchObject([
      { session: 'backend', codename, ended: ENDED.left, state: 'taken_over', taken_over_by: 'next' },
      { session: 'next', state: 'consumed' },
    ])
    const { event_id } = await next('publish', { reply_to: ids[1]!, text: 'done' })
    expect((await peer('message_status', { event_id: ids[1]! })).receipts[1]).toMatchObject({ answered_by: event_id })
    expect(texts(await peer('inbox', {}))).toEqual(['done'])
  })

  it('is told once, and another one that starts later of what is left', async () => {
    const world = await openWorld()
    const { codename, peer } = await ended(world)
    const next = await world.join('next', { client_id: 'c', facts: HERE, ...hour })
    await world.operator('register', { client_id: 'c', facts: HERE, ...hour })
    expect((await next('inbox', {})).messages).toHaveLength(1)
    await next('inbox', { take_over: codename })
    const third = await world.join('third', { facts: HERE, ...hour })
    expect(await third('inbox', { take_over: codename })).toEqual({ messages: [], pending: 0 })
    await peer('publish', { to: codename, text: 'late' })
    const fourth = await world.join('fourth', { facts: HERE, ...hour })
    expect(texts(await fourth('inbox', {}))).toEqual([expect.stringContaining('1 unread message, from')])
    expect(texts(await fourth('inbox', { take_over: codename }))).toEqual(['late'])
  })

  it('is told nothing of one that was only told of mail itself', async () => {
    const world = await openWorld()
    const { codename } = await ended(world)
    const idle = await world.join('idle', { facts: HERE, ...hour })
    await idle('unregister', {})
    const next = await world.join('next', { facts: HERE, ...hour })
    const [text, ...others] = texts(await next('inbox', {}))
    expect(text).toContain(codename)
    expect(text).not.toContain('idle (')
    expect(others).toEqual([])
  })

  it('is told of the three that ended last, and how many messages there are at least', async () => {
    const world = await openWorld()
    const all = []
    for (const name of ['one', 'two', 'three', 'four']) {
      const { codename } = await ended(world, name, ['x'])
      all.push(codename)
      for (let n = 0; n < 50 && name === 'four'; n++) await world.operator('publish', { to: codename, text: 'x' })
      world.pass(60_000)
    }
    const next = await world.join('next', { facts: HERE, ...hour })
    const [text] = texts(await next('inbox', {}))
    const named = [...text!.matchAll(/(\w+) \([\w-]+\) ended in this folder (\w+) ago/g)].map(found => found.slice(1))
    expect(named).toEqual([
      ['four', '1m'],
      ['three', '2m'],
      ['two', '3m'],
    ])
    expect(text).toContain('left 50 or more unread messages')
    const [, two, three, four] = all
    expect(text).toContain(`\`take_over\` ${four} or ${three} or ${two}.`)
  })

  const elsewhere: [what: string, facts: object, more: object][] = [
    ['asks for nothing from before its start', HERE, {}],
    ['started too late', HERE, { backfill_minutes: 4 }],
    ['is in another folder', { ...HERE, worktree: '/srv/web' }, hour],
    ['is in no folder', { machine: 'desk' }, hour],
    ['is on another machine', { ...HERE, machine: 'laptop' }, hour],
  ]
  it.each(elsewhere)('is told nothing where it %s', async (_, facts, more) => {
    const world = await openWorld()
    await ended(world)
    world.pass(300_000)
    expect((await world.join('next', { facts, ...more })).joined.unread).toBe(0)
  })

  it('is told nothing of a session that lives, or has read all', async () => {
    const world = await openWorld()
    const peer = await world.join('peer')
    const living = await world.join('living', { facts: HERE })
    const reader = await world.join('reader', { facts: HERE })
    for (const to of ['living', 'reader']) await peer('publish', { to, text: 'x' })
    await reader('inbox', {})
    await reader('whoami', {})
    await reader('unregister', {})
    expect((await world.join('next', { facts: HERE, ...hour })).joined.unread).toBe(0)
    expect(texts(await living('inbox', {}))).toEqual(['x'])
  })

  it('is told nothing of what group mail is unread, nor of sessions of another owner', async () => {
    const world = await openWorld()
    await ended(world, 'of-operator')
    const ci = await world.token('ci', { machine: 'desk' })
    const { session_id } = await ci('register', { name: 'ci', facts: HERE, ...hour })
    const act = world.sessionById(session_id, (await world.store.session(session_id))!.grantor)
    expect((await act('inbox', {})).messages).toEqual([])
    await world.operator('publish', { to: 'all', text: 'to all' })
    const group = await world.join('group', { facts: HERE })
    await world.operator('publish', { to: 'all', text: 'to all' })
    await group('unregister', {})
    const next = await world.join('next', { facts: { ...HERE, worktree: '/srv/api' }, ...hour })
    expect(texts(await next('inbox', {}))).not.toContainEqual(expect.stringContaining('group ('))
  })
})

describe('taking over', () => {
  it('finds the last that ended here by a name that others bear by now, and by an id', async () => {
    const world = await openWorld()
    const { session } = await ended(world, 'backend', ['older'], 'c1')
    world.pass(1_000)
    await ended(world, 'backend', ['newer'], 'c2')
    world.pass(1_000)
    const next = await world.join('backend', { facts: HERE })
    expect(next.joined.name).toBe('backend')
    expect(texts(await next('inbox', { take_over: '@backend' }))).toEqual(['newer'])
    expect(texts(await next('inbox', { take_over: session.joined.session_id }))).toEqual(['older'])
  })

  it('is refused for any other session, which keeps its mail', async () => {
    const world = await openWorld()
    const { session, peer } = await ended(world)
    const { joined } = session
    const reader = await world.join('reader')
    const cases: [facts: object, message: RegExp][] = [
      [{ ...HERE, worktree: '/srv/web' }, /expected a session that ended in your folder/],
      [{ ...HERE, machine: 'laptop' }, /expected a session that ended in your folder/],
      [{ machine: 'desk' }, /expected a session that ended in your folder/],
    ]
    for (const [facts, message] of cases) {
      const other = await world.join('other', { facts })
      await expect(other('inbox', { take_over: joined.codename })).rejects.toThrow(message)
    }
    await expect(world.operator('inbox', { take_over: joined.codename })).rejects.toThrow(/ended in your folder/)
    const here = await world.join('here', { facts: HERE })
    await expect(here('inbox', { take_over: 'nobody' })).rejects.toThrow('there is no session "nobody"')
    for (const living of ['reader', 'here']) {
      await expect(here('inbox', { take_over: living })).rejects.toThrow(`has ended; ${living} has not`)
    }
    await expect(here('inbox', { take_over: joined.codename, peek: true })).rejects.toThrow('got both')
    await world.operator('register', { client_id: 'backend', facts: HERE })
    await expect(here('inbox', { take_over: joined.codename })).rejects.toThrow('has ended; backend has not')
    const back = world.sessionById(joined.session_id)
    expect(texts(await back('inbox', {}))).toEqual(['first', 'second'])
    await peer('publish', { to: 'reader', text: 'mine' })
    expect(texts(await reader('inbox', {}))).toEqual(['mine'])
  })

  it('is refused to a session of another token, and to one of the operator for those of a token', async () => {
    const world = await openWorld()
    const [ci, other] = [await world.token('ci'), await world.token('other')]
    const ofToken = async (act: typeof ci, name: string) => {
      const { session_id, codename } = await act('register', { name, facts: HERE })
      const { grantor } = (await world.store.session(session_id))!
      return { act: world.sessionById(session_id, grantor), codename }
    }
    const left = await ofToken(ci, 'left')
    await world.operator('publish', { to: 'left', text: 'for ci' })
    await left.act('unregister', {})
    const foreign = [(await ofToken(other, 'foreign')).act, await world.join('own', { facts: HERE })]
    for (const act of foreign) {
      await expect(act('inbox', { take_over: left.codename })).rejects.toThrow('of the same owner; left is another')
    }
    const next = await ofToken(ci, 'next')
    expect(texts(await next.act('inbox', { take_over: left.codename }))).toEqual(['for ci'])
  })

  it('gives a retry the same answer, and leases nothing twice', async () => {
    const world = await openWorld()
    const { codename } = await ended(world)
    const next = await world.join('next', { facts: HERE })
    const first = await next('inbox', { take_over: codename, limit: 1 }, 'key')
    expect(await next('inbox', { take_over: codename, limit: 1 }, 'key')).toEqual(first)
    expect([texts(first), first.pending]).toEqual([['first'], 1])
    expect(texts(await next('inbox', {}))).toEqual(['second'])
  })

  it('works for agents with hooks, whose process asks for them', async () => {
    const world = await openWorld()
    const { codename } = await ended(world)
    const next = await world.join('next', { facts: HERE })
    expect(texts(await next('take_inbox', { take_over: codename }))).toEqual(['first', 'second'])
    expect((await next('collect', { route: 'prompt hook' })).events).toEqual([])
  })
})
