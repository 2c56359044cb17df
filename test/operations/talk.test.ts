import { beforeEach, describe, expect, it } from 'vitest'
import { textOf } from '../../src/operations/texts.ts'
import { openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const repo = 'github.com/acme/api'
const at = (name: string) => ({ facts: { repo, branch: name, cwd: `/src/${name}`, worktree: `/src/${name}` } })

describe('register', () => {
  it('gives a session its name, a codename, and the peers of its repo', async () => {
    await world.join('backend', { role: 'dev', ...at('main') })
    const { joined } = await world.join('frontend', at('ui'))
    expect(joined).toMatchObject({ name: 'frontend', repo, machine: 'desk', resumed: false, unread: 0 })
    expect(joined.codename).toMatch(/^[a-z]+-[a-z]+$/)
    expect(joined.peers).toMatchObject([{ name: 'backend', role: 'dev', branch: 'main', presence: 'online' }])
  })

  it('gives a taken name a number and says so, and frees the name with its bearer', async () => {
    const first = await world.join('api')
    const second = await world.join('api')
    expect(second.joined).toMatchObject({ name: 'api-2', note: expect.stringContaining('api is taken') })
    await first('unregister', {})
    expect((await world.join('api')).joined.name).toBe('api')
  })

  it('without a name takes the branch, and on a trunk the folder', async () => {
    expect(await world.operator('register', at('feature/auth'))).toMatchObject({ name: 'feature/auth' })
    expect(await world.operator('register', { facts: { branch: 'main', cwd: '/src/web' } })).toMatchObject({
      name: 'web',
    })
  })

  it('with the same client id on the same machine resumes identity, codename and cursor', async () => {
    const first = await world.join('api', { client_id: 'c1' })
    const peer = await world.join('peer')
    await first('unregister', {})
    await peer('publish', { text: 'while you were out', to: first.joined.session_id })
    const again = await world.join('api', { client_id: 'c1' })
    expect(again.joined).toMatchObject({
      session_id: first.joined.session_id,
      codename: first.joined.codename,
      resumed: true,
      unread: 1,
    })
  })

  it('by a session changes that session, which cannot give itself another client id', async () => {
    const [api, shell] = [await world.join('api', { client_id: 'c1' }), await world.join('shell')]
    const changed = await api('register', { role: 'reviewer', client_id: 'c1' })
    expect(changed).toMatchObject({ session_id: api.joined.session_id, role: 'reviewer' })
    await world.join('other', { client_id: 'c2' })
    for (const session of [api, shell]) {
      for (const client_id of ['c2', 'of a run to come']) {
        await expect(session('register', { client_id })).rejects.toMatchObject({ code: 'forbidden' })
      }
    }
    expect((await world.join('next', { client_id: 'of a run to come' })).joined.resumed).toBe(false)
  })

  it('resumes by an id that it was known under before, and goes on under the new one', async () => {
    const first = await world.join('api', { client_id: 'c1' })
    for (const known_as of [['c0', 'c1'], ['c1']]) {
      const again = await world.join('api', { client_id: 'c2', facts: { known_as } })
      expect(again.joined).toMatchObject({ session_id: first.joined.session_id, resumed: true })
    }
    expect((await world.join('api', { client_id: 'c1' })).joined.resumed).toBe(false)
  })

  it('by a token of another machine never resumes a session of this one', async () => {
    const api = await world.join('api', { client_id: 'c1' })
    const laptop = await world.token('laptop')
    const thief = await laptop('register', { client_id: 'c1', facts: { machine: 'desk' } })
    expect(thief).toMatchObject({ machine: 'laptop', resumed: false })
    expect(thief.session_id).not.toBe(api.joined.session_id)
  })
})

describe('publish', () => {
  it('to a name, codename or id reaches that session, now and as actionable', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    for (const to of ['b', b.joined.codename, b.joined.session_id, `session:b`, '@b']) {
      expect(await a('publish', { text: 'hi', to })).toMatchObject({
        level: 'actionable',
        recipients: [{ session: 'b', state: 'stored' }],
      })
    }
    const { messages } = await b('inbox', {})
    expect(messages).toHaveLength(5)
    expect(messages[0]).toMatchObject({ from: 'a', text: 'hi', urgency: 'now', trust: 'peer', type: 'message' })
  })

  it('to a role, topic, repo, machine or all reaches their followers, quietly, and never the sender', async () => {
    const a = await world.join('a', { role: 'dev', topics: ['ci'], ...at('a') })
    const b = await world.join('b', { role: 'dev', topics: ['ci'], ...at('b') })
    for (const to of ['role:dev', 'topic:ci', 'repo:api', 'repo:acme/api', 'machine:desk', 'all']) {
      expect(await a('publish', { text: to, to })).toMatchObject({
        level: 'info',
        recipients: [{ session: 'b', state: 'stored' }],
      })
    }
    expect((await b('inbox', {})).messages.map(message => [message.text, message.urgency])).toEqual(
      ['role:dev', 'topic:ci', 'repo:api', 'repo:acme/api', 'machine:desk', 'all'].map(to => [to, 'quiet']),
    )
    expect((await a('inbox', {})).messages).toEqual([])
  })

  it('to a list is one event, and a session that is in the list twice reads it once', async () => {
    const a = await world.join('a')
    const b = await world.join('b', { role: 'dev' })
    const c = await world.join('c')
    const sent = await a('publish', { text: 'hi', to: ['b', 'c', 'role:dev', 'b'] })
    expect(sent.recipients.map(each => each.session).sort()).toEqual(['b', 'c'])
    expect((await b('inbox', {})).messages).toHaveLength(1)
    expect((await c('inbox', {})).messages).toHaveLength(1)
  })

  it('to an unknown recipient is refused with the nearest names, and nothing is kept', async () => {
    const a = await world.join('a')
    await world.join('backend', { role: 'reviewer' })
    await expect(a('publish', { text: 'hi', to: 'bakend' })).rejects.toMatchObject({
      code: 'unknown_recipient',
      next: expect.stringContaining('backend'),
    })
    expect((await a('get_events', { types: ['message'] })).events).toEqual([])
  })

  it.each([
    ['role', 'reviewer', { role: 'reviewer' }],
    ['topic', 'deploys', { topics: ['deploys'] }],
  ])('to a %s that nobody has yet is stored, with a note that names the nearest', async (kind, name, facts) => {
    const a = await world.join('a')
    const early = await a('publish', { text: 'early', to: `${kind}:${name}` })
    expect(early).toMatchObject({ recipients: [], note: `Nobody follows ${kind}:${name} yet.` })
    const b = await world.join('b', { ...facts, backfill_minutes: 1 })
    expect((await b('inbox', {})).messages).toMatchObject([{ id: early.event_id }])
    const slip = await a('publish', { text: 'hi', to: ['b', `${kind}:${name}z`, `${kind}:${name}z`] })
    expect(slip.note).toBe(`Nobody follows ${kind}:${name}z yet. Did you mean ${kind}:${name}?`)
    expect(await a('publish', { text: 'hi', to: `${kind}:${name}` })).not.toHaveProperty('note')
    await b('unregister', {})
    expect(await a('publish', { text: 'hi', to: `${kind}:${name}` })).not.toHaveProperty('note')
    const blind = await world.token('blind', { scopes: ['publish'] })
    const told = await blind('publish', { text: 'hi', to: `${kind}:${name}z` })
    expect(told.note).toBe(`Nobody follows ${kind}:${name}z yet.`)
  })

  it('to a session that has ended says so, with the codename, and is stored for it', async () => {
    const a = await world.join('a')
    const c = await world.join('c')
    const b = await world.join('b', { client_id: 'b' })
    const { codename } = b.joined
    await b('unregister', {})
    const sent = await a('publish', { text: 'later', to: ['b', 'c'] })
    const ended = { session: 'b', codename, ended: 'unregistered' }
    expect(sent.recipients).toEqual([
      { ...ended, state: 'stored' },
      { session: 'c', state: 'stored' },
    ])
    expect(textOf('publish', sent, '').text).toBe(
      `Event ${sent.event_id} (actionable) is stored for c, b (${codename}), which has ended.`,
    )
    const status = await a('message_status', { event_id: sent.event_id })
    expect(status.receipts).toEqual([
      { session: 'c', state: 'stored' },
      { ...ended, state: 'stored' },
    ])
    expect(textOf('message_status', status, '').text).toContain(`- b (${codename}), which has ended: stored`)
    const blind = await world.token('blind', { scopes: ['publish'] })
    const told = await blind('publish', { text: 'later', to: 'b' })
    expect(told.recipients).toEqual([{ session: b.joined.session_id, ended: 'unregistered', state: 'stored' }])
    expect((await c('inbox', {})).messages).toHaveLength(1)
  })

  it('to all lists no session that has ended, neither when it is sent nor in its receipts', async () => {
    const [a, b, c] = [await world.join('a'), await world.join('b'), await world.join('c')]
    await b('publish', { text: 'read by c', to: 'all' })
    await c('inbox', {})
    await c('whoami', {})
    for (const session of [b, c]) await session('unregister', {})
    const sent = await a('publish', { text: 'hi', to: 'all' })
    expect(sent.recipients).toEqual([])
    expect((await a('message_status', { event_id: sent.event_id })).receipts).toEqual([])
  })

  it('to a session that is gone is stored for it', async () => {
    const a = await world.join('a')
    const b = await world.join('b', { client_id: 'b' })
    await b('unregister', {})
    expect(await a('publish', { text: 'later', to: 'b' })).toMatchObject({
      recipients: [{ session: 'b', state: 'stored' }],
    })
    const back = await world.join('b', { client_id: 'b' })
    expect((await back('inbox', {})).messages).toMatchObject([{ text: 'later' }])
  })

  it('twice with one key is one event, and with another text an error', async () => {
    const a = await world.join('a')
    const first = await a('publish', { text: 'once', key: 'k' })
    const second = await a('publish', { text: 'once', key: 'k' })
    expect(second.event_id).toBe(first.event_id)
    await expect(a('publish', { text: 'other', key: 'k' })).rejects.toMatchObject({ code: 'key_reused' })
    const b = await world.join('b')
    expect((await b('publish', { text: 'mine', key: 'k' })).event_id).not.toBe(first.event_id)
  })

  it('in reply goes back to the sender, in its thread, and marks the receipt as answered', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const asked = await a('publish', { text: 'ready?', to: 'b' })
    await b('inbox', {})
    const answer = await b('publish', { text: 'yes', reply_to: asked.event_id })
    expect(answer.recipients).toEqual([{ session: 'a', state: 'stored' }])
    expect((await a('inbox', {})).messages).toMatchObject([
      { text: 'yes', reply_to: asked.event_id, thread: String(asked.event_id) },
    ])
    expect((await a('message_status', { event_id: asked.event_id })).receipts).toMatchObject([
      { session: 'b', state: 'answered', answered_by: answer.event_id },
    ])
  })

  it('reaches the operator, whom nothing else lists', async () => {
    const a = await world.join('a')
    await a('publish', { text: 'need you', to: 'operator' })
    expect((await world.operator('inbox', {})).messages).toMatchObject([{ from: 'a', text: 'need you' }])
    expect((await a('list_sessions', {})).sessions.map(each => each.name)).toEqual(['a'])
    await world.operator('publish', { text: 'go on', to: 'a' })
    expect((await a('inbox', {})).messages).toMatchObject([{ from: 'operator', trust: 'operator' }])
  })

  it('says what the level is where the type or the sender gives one', async () => {
    const a = await world.join('a')
    expect(await a('publish', { text: 'x', type: 'help_needed' })).toMatchObject({ level: 'actionable' })
    expect(await a('publish', { text: 'x', type: 'task_started' })).toMatchObject({ level: 'lifecycle' })
    expect(await a('publish', { text: 'x', type: 'help_needed', level: 'info' })).toMatchObject({ level: 'info' })
  })
})

describe('inbox', () => {
  it('offers what is unread, and the next call is the proof of reading', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const { event_id } = await a('publish', { text: 'hi', to: 'b' })
    const state = async () => (await a('message_status', { event_id })).receipts
    expect(await state()).toMatchObject([{ session: 'b', state: 'stored' }])
    await b('inbox', {})
    expect(await state()).toMatchObject([{ state: 'offered', route: 'inbox' }])
    await b('whoami', {})
    expect(await state()).toMatchObject([{ state: 'consumed', route: 'inbox', proof: 'next call' }])
    expect((await b('inbox', {})).messages).toEqual([])
  })

  it('that only peeks leaves everything unread, and ack settles the same window', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    for (const text of ['1', '2', '3']) await a('publish', { text, to: 'b' })
    const peeked = await b('inbox', { peek: true, limit: 2 })
    expect(peeked).toMatchObject({ messages: [{ text: '1' }, { text: '2' }], pending: 1 })
    expect(await b('ack', { up_to: peeked.messages[1]!.id })).toMatchObject({ consumed: 2, pending: 1 })
    expect((await b('inbox', {})).messages).toMatchObject([{ text: '3' }])
  })

  it('lost on its way and asked for again with the same key is the same answer', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'hi', to: 'b' })
    const first = await b('inbox', {}, 'k')
    expect(await b('inbox', {}, 'k')).toEqual(first)
    expect((await b('inbox', {}, 'k2')).messages).toEqual([])
  })

  it('waits for mail no longer than it was told to', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    expect((await b('inbox', { wait_seconds: 0.05 })).messages).toEqual([])
    const waiting = b('inbox', { wait_seconds: 30 })
    await a('publish', { text: 'hi', to: 'b' })
    expect((await waiting).messages).toMatchObject([{ text: 'hi' }])
  })

  it('is offered again, marked, to another run of a session that died before its proof', async () => {
    const a = await world.join('a')
    const b = await world.join('b', { client_id: 'b', facts: { run: 'r1' } })
    await a('publish', { text: 'hi', to: 'b' })
    await b('inbox', {})
    const same = await world.join('b', { client_id: 'b', facts: { run: 'r1' } })
    expect((await same('inbox', { peek: true })).messages).toEqual([])
    await a('publish', { text: 'again', to: 'b' })
    await b('inbox', {})
    const other = await world.join('b', { client_id: 'b', facts: { run: 'r2' } })
    expect((await other('inbox', {})).messages).toMatchObject([{ text: 'again', repeat: true }])
  })

  it('of a late joiner holds no broadcasts from before, unless it says how far back', async () => {
    const a = await world.join('a')
    await a('publish', { text: 'old' })
    world.pass(2 * 3600_000)
    await a('publish', { text: 'recent' })
    world.pass(60_000)
    const texts = async (backfill?: number) => {
      const joined = await world.join('late', backfill === undefined ? {} : { backfill_minutes: backfill })
      return (await joined('inbox', {})).messages.map(message => message.text)
    }
    expect(await texts()).toEqual([])
    expect(await texts(60)).toEqual(['recent'])
    expect(await texts(180)).toEqual(['old', 'recent'])
  })

  it('asked again with its key gives the same, however long it may still wait', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'hi', to: 'b' })
    const first = await b('inbox', { wait_seconds: 5 }, 'k')
    expect(first.messages).toMatchObject([{ text: 'hi' }])
    expect(await b('inbox', { wait_seconds: 1.5 }, 'k')).toEqual(first)
    await expect(b('inbox', { wait_seconds: 5, limit: 3 }, 'k')).rejects.toMatchObject({ code: 'key_reused' })
  })

  it('and ack refuse ids past the newest event and rewinds that were not asked for', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const { event_id } = await a('publish', { text: 'hi', to: 'b' })
    await expect(b('ack', { up_to: event_id + 1 })).rejects.toMatchObject({
      code: 'bad_cursor',
      next: 'Ids stand in `inbox` and `get_events`.',
    })
    await b('ack', { up_to: event_id })
    await expect(b('ack', { up_to: 0 })).rejects.toMatchObject({
      code: 'bad_cursor',
      next: 'To read old events again, say `rewind`.',
    })
    expect(await b('ack', { up_to: 0, rewind: true })).toMatchObject({ position: 0, pending: 1 })
    expect((await b('inbox', {})).messages).toMatchObject([{ text: 'hi', repeat: true }])
  })
})

describe('get_events', () => {
  it('filters, pages and searches without moving a cursor', async () => {
    const [a, b] = [await world.join('a'), await world.join('b', { topics: ['ci'] })]
    await a('publish', { text: 'the flaky test again', to: 'topic:ci', type: 'ci_failed', thread: 't' })
    await a('publish', { text: 'a calm word', to: 'b' })
    await b('publish', { text: 'flaky indeed', to: 'all' })
    const texts = async (filter: Parameters<typeof b<'get_events'>>[1]) =>
      (await b('get_events', { min_level: 'info', ...filter })).events.map(event => event.text)
    expect(await texts({})).toEqual(['flaky indeed', 'a calm word', 'the flaky test again'])
    expect(await texts({ order: 'asc', limit: 1 })).toEqual(['the flaky test again'])
    expect(await texts({ channel: 'topic:ci' })).toEqual(['the flaky test again'])
    expect(await texts({ channel: 'b' })).toEqual(['a calm word'])
    expect(await texts({ from: 'a', types: ['message'] })).toEqual(['a calm word'])
    expect(await texts({ thread: 't' })).toEqual(['the flaky test again'])
    expect(await texts({ query: 'FLAKY' })).toEqual(['flaky indeed', 'the flaky test again'])
    expect(await texts({ query: 'test flaky' })).toEqual(['the flaky test again'])
    const first = await b('get_events', { min_level: 'info', limit: 2 })
    expect(first.has_more).toBe(true)
    expect(await texts({ before: first.next! })).toEqual(['the flaky test again'])
    expect((await b('inbox', {})).messages).toHaveLength(2)
  })
})

describe('a session that ended', () => {
  it('is told so instead of being told nothing', async () => {
    const a = await world.join('a', { client_id: 'a' })
    await a('unregister', {})
    for (const call of [() => a('inbox', {}), () => a('publish', { text: 'x' }), () => a('whoami', {})]) {
      await expect(call()).rejects.toMatchObject({ code: 'session_ended', next: expect.stringContaining('client_id') })
    }
  })

  it('loses its claims and may only be ended by itself or the operator', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    await a('claim', { path: 'src/x.ts' })
    await expect(b('unregister', { session: 'a' })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await world.operator('unregister', { session: 'a' })).toMatchObject({ released_claims: 1 })
    expect((await b('list_claims', {})).claims).toEqual([])
  })
})

describe('list_sessions', () => {
  it('shows presence, activity and whose paths meet', async () => {
    const a = await world.join('a', { owns: ['src/api/**'], ...at('a') })
    const b = await world.join('b', at('b'))
    await b('claim', { path: '/src/b/src/api/users.ts' })
    await b('heartbeat', { activity: 'waiting', waiting_for: 'permission prompt' })
    world.pass(3 * 60_000)
    const { sessions } = await a('list_sessions', { scope: 'repo' })
    expect(sessions.find(each => each.name === 'b')).toMatchObject({
      presence: 'idle',
      activity: 'waiting',
      waiting_for: 'permission prompt',
      overlaps: [{ session: 'a', path: 'src/api/users.ts', their_path: 'src/api/**' }],
    })
  })

  it('takes what a session owns from the top of its repo, however it is written', async () => {
    const a = await world.join('a', { owns: ['./src//api/**', '/src/a/docs/', 'conf.d/'], ...at('a') })
    const { sessions } = await a('list_sessions', {})
    expect(sessions.find(each => each.name === 'a')?.owns).toEqual(['src/api/**', 'docs', 'conf.d/**'])
    await expect(world.join('b', { owns: ['../other/**'], ...at('b') })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await a('register', { owns: ['./lib/**'] })
    expect((await a('whoami', {})).owns).toEqual(['lib/**'])
  })

  it('leaves out who is gone unless asked, but never who is merely stale', async () => {
    const a = await world.join('a')
    const b = await world.join('b')
    world.pass(3600_000)
    await b('unregister', {})
    const names = async (include_gone?: boolean) =>
      (await a('list_sessions', include_gone ? { include_gone } : {})).sessions.map(each => [each.name, each.presence])
    expect(await names()).toEqual([['a', 'stale']])
    expect(await names(true)).toContainEqual(['b', 'gone'])
  })
})
