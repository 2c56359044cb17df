import { describe, expect, it } from 'vitest'
import type { NewSession } from '../../src/bus/session-patch.ts'
import { openWorld } from './world.ts'

/** As an older program let sessions be called: whatever they wished. */
async function called(world: Awaited<ReturnType<typeof openWorld>>, name: string) {
  const id = world.bus.newSessionId()
  const session: NewSession = {
    id,
    name,
    codename: `code-${id}`,
    machine: 'desk',
    grantor: 'operator',
    owns: [],
    topics: [],
  }
  const commit = await world.store.commit([
    { kind: 'createSession', session },
    { kind: 'follow', sessionId: id, channels: ['all', `session:${id}`], backfillMs: 0 },
  ])
  expect(commit).toMatchObject({ ok: true, results: [{ name }, {}] })
  return Object.assign(world.sessionById(id), { id })
}

const inboxOf = async (act: Awaited<ReturnType<typeof called>> | Awaited<ReturnType<typeof join>>) =>
  (await act('inbox', {})).messages.map(message => message.text)
const join = (world: Awaited<ReturnType<typeof openWorld>>, name: string) => world.join(name)

describe('a session that is called what another one is', () => {
  it('gets nothing that is for the other: by id, by codename, as a reply', async () => {
    const world = await openWorld()
    const victim = await world.join('victim')
    const sender = await world.join('sender')
    const { session_id, codename } = victim.joined
    const impostors = [await called(world, session_id), await called(world, 'switchboard')]
    // One that the store would let nobody have.
    await world.join(codename)
    const { event_id } = await victim('publish', { text: 'asked', to: 'sender' })
    await sender('publish', { text: 'reply', reply_to: event_id })
    await sender('publish', { text: 'by id', to: session_id })
    await sender('publish', { text: 'by channel', to: `session:${session_id}` })
    await sender('publish', { text: 'by codename', to: codename })
    await sender('publish', { text: 'for the human', to: 'Operator' })
    expect(await inboxOf(victim)).toEqual(['reply', 'by id', 'by channel', 'by codename'])
    expect((await world.operator('inbox', {})).messages.map(each => each.text)).toEqual(['for the human'])
    for (const impostor of impostors) expect(await inboxOf(impostor)).toEqual([])
    const from = async (written: string) =>
      (await world.operator('get_events', { from: written, order: 'asc' })).events.map(each => each.text)
    expect(await from(session_id)).toContain('asked')
    expect(await from('switchboard')).toEqual([])
    expect((await world.operator('unregister', { session: session_id })).session_id).toBe(session_id)
    await expect(sender('publish', { text: 'x', to: 'ses_nobody' })).rejects.toThrow('nobody on the bus')
  })

  it('is called otherwise as soon as it registers again', async () => {
    const world = await openWorld()
    const old = await called(world, 'Switchboard')
    expect(await old('register', {})).toMatchObject({
      name: 'Switchboard-1',
      note: expect.stringContaining('reserved'),
    })
  })

  it('gets no reply that is for one who has been forgotten', async () => {
    const world = await openWorld()
    const victim = await world.join('victim')
    const sender = await world.join('sender')
    const { event_id } = await victim('publish', { text: 'asked', to: 'sender' })
    await victim('unregister', {})
    world.pass(1_000)
    await world.operator('prune', { forget_ended_days: 0 })
    const impostor = await called(world, victim.joined.session_id)
    await expect(sender('publish', { text: 'x', reply_to: event_id })).rejects.toThrow('nobody on the bus')
    await expect(sender('publish', { text: 'x', to: victim.joined.session_id })).rejects.toThrow('nobody on the bus')
    expect(await inboxOf(impostor)).toEqual([])
  })
})

describe('a name that somebody wishes for', () => {
  it('is neither an id nor a codename of somebody who is there, however it is written', async () => {
    const world = await openWorld()
    const { session_id, codename } = (await world.join('victim')).joined
    for (const wished of [
      session_id,
      codename,
      codename.toUpperCase(),
      `\u200b${session_id}`,
      `session:${session_id}`,
    ]) {
      const { name, note } = (await world.join(wished)).joined
      expect([wished, name]).not.toEqual([wished, session_id])
      expect(note).toContain(`you are ${name}`)
      expect(await world.operator('publish', { text: 'x', to: session_id })).toMatchObject({
        recipients: [{ session: 'victim' }],
      })
      expect(await world.operator('publish', { text: 'x', to: codename })).toMatchObject({
        recipients: [{ session: 'victim' }],
      })
    }
  })

  it('is free for each of a hundred that come at once, though all codenames are taken', async () => {
    const world = await openWorld()
    world.bus.random = () => 0
    const all = await Promise.all(
      Array.from({ length: 100 }, () => world.operator('register', { facts: { cwd: '/srv/api' } })),
    )
    expect(new Set(all.map(each => each.name)).size).toBe(100)
    expect(new Set(all.map(each => each.codename)).size).toBe(100)
    expect(all.map(each => each.name)).toEqual(expect.arrayContaining(['api', 'api-2', 'api-100']))
    expect(all.map(each => each.codename)).toEqual(expect.arrayContaining(['able-acorn', 'able-acorn-100']))
    const [first] = (await world.operator('get_events', { types: ['session_registered'], order: 'asc' })).events
    expect(first).toMatchObject({ from: 'api', text: 'joined' })
  })
})

describe('a role, a topic, a machine', () => {
  it('is reached in each of its spellings, by the session that has it and by the sender', async () => {
    const world = await openWorld()
    const dev = await world.join('dev', { role: ' code\u200b reviewer ', topics: ['Ｄeploys', 'a,b', 'ci\u00ad'] })
    expect(dev.joined.role).toBe('code-reviewer')
    for (const to of [
      'role:code-reviewer',
      'role:code-review\u200ber',
      'topic:Deploys',
      'topic:Ｄeploys',
      'topic:a-b',
      'topic:ci',
    ]) {
      const { recipients } = await world.operator('publish', { text: to, to })
      expect([to, recipients]).toEqual([to, [{ session: 'dev', state: 'stored' }]])
      expect((await world.operator('get_events', { channel: to, limit: 1 })).events[0]?.text).toBe(to)
    }
  })

  it('cannot pass for two channels, nor a role for somebody', async () => {
    const world = await openWorld()
    const dev = await world.join('dev', {
      role: 'System',
      topics: ['x all role:lead'],
      facts: { repo: 'a session:ses_1' },
    })
    expect(dev.joined).toMatchObject({ role: 'System-1', repo: 'a-session:ses_1' })
    const { channels } = await world.operator('list_channels', {})
    expect(channels.map(each => each.channel).sort()).toEqual([
      'all',
      'machine:desk',
      'repo:a-session:ses_1',
      'role:System-1',
      'topic:x-all-role-lead',
    ])
  })

  it('that an older program let be written otherwise is still reached', async () => {
    const world = await openWorld()
    const old = await called(world, 'old')
    const channels = ['all', `session:${old.id}`, 'role:ﬁxer', 'topic:ﬁx']
    await world.store.commit([{ kind: 'follow', sessionId: old.id, channels, backfillMs: 0 }])
    for (const to of ['role:ﬁxer', 'topic:ﬁx']) {
      expect(await world.operator('publish', { text: to, to })).toMatchObject({ recipients: [{ session: 'old' }] })
    }
  })

  it('must have something that is seen', async () => {
    const world = await openWorld()
    const said = 'expected characters that are seen, got none'
    await expect(world.operator('register', { role: '\u200b' })).rejects.toThrow(`\`role\`: ${said}`)
    await expect(world.operator('register', { topics: ['\u2060'] })).rejects.toThrow(`\`topics\`.0: ${said}`)
    for (const key of [' ', '\n', '\u200b', '\u2800\u3164', '\u001b[31m']) {
      await expect(world.operator('set_state', { key, value: 1 })).rejects.toThrow(`\`key\`: ${said}`)
      await expect(world.operator('get_state', { key })).rejects.toThrow('there is no state')
    }
    for (const kind of ['role', 'topic', 'machine']) {
      for (const value of ['\u200b', '--', '\u2060,\u3164', '\u0301']) {
        const after = `expected characters that are seen after "${kind}:", got none`
        const to = `${kind}:${value}`
        await expect(world.operator('publish', { text: 'x', to })).rejects.toThrow(after)
        await expect(world.operator('get_events', { channel: to })).rejects.toThrow(after)
      }
    }
  })
})

it.each(['Operator', 'my ci', 'ci:1', 'ses_1', 'amber-fox', '12', 'c\u200bi'])('no token is called %j', async name => {
  const world = await openWorld()
  await expect(world.operator('create_token', { name })).rejects.toThrow('expected one that a session could have')
  expect((await world.operator('list_tokens', {})).tokens).toEqual([])
})

describe('a session that is named at its client', () => {
  const at = (branch: string, more = {}) => ({ worktree: '/srv/api', cwd: '/srv/api', branch, ...more })

  it('has that name on the bus, and one that it takes there itself until it is named anew', async () => {
    const world = await openWorld()
    const register = (facts: object) => world.operator('register', { client_id: 'c', facts: at('main', facts) })
    const { session_id, name } = await register({ title: 'docs writer', run: 'r1' })
    expect(name).toBe('docs-writer')
    const act = world.sessionById(session_id)
    const named = async (title: string) => (await act('heartbeat', { facts: { title } })).name
    expect(await named('docs writer')).toBe('docs-writer')
    expect((await act('register', { name: 'backend' })).name).toBe('backend')
    // The process was started anew, the client tells what it told before.
    expect(await register({ title: 'docs writer', run: 'r2' })).toMatchObject({ name: 'backend', resumed: true })
    expect(await named('docs writer')).toBe('backend')
    expect(await named('reviewer')).toBe('reviewer')
    expect(await register({ title: 'release', run: 'r3' })).toMatchObject({ session_id, name: 'release' })
    expect((await act('whoami', {})).name).toBe('release')
  })

  it('gets the next that is free where another one is called so, and none that is reserved', async () => {
    const world = await openWorld()
    await world.join('docs-writer')
    const act = await world.join('x')
    const named = async (title: string) => (await act('heartbeat', { facts: { title } })).name
    expect(await named('docs-writer')).toBe('docs-writer-2')
    expect(await named('operator')).toBe('operator-1')
    expect(await named('\u200b')).toBe('operator-1')
  })

  it('is told what becomes of a name that it cannot have', async () => {
    const world = await openWorld()
    await world.join('docs-writer')
    const joined = await world.operator('register', { client_id: 'c', facts: at('main', { title: 'docs-writer' }) })
    expect(joined).toMatchObject({ name: 'docs-writer-2', note: expect.stringContaining('docs-writer is taken') })
  })
})

describe('a name that nobody gave', () => {
  const at = (branch: string, more = {}) => ({ worktree: '/srv/api', cwd: '/srv/api', branch, ...more })

  it('is of the first branch and stays: in another run, under another client id, after the end', async () => {
    const world = await openWorld()
    const register = (client_id: string, facts: object) => world.operator('register', { client_id, facts })
    const { session_id } = await register('c', at('main', { run: 'r1' }))
    const act = world.sessionById(session_id)
    expect(await act('heartbeat', { facts: at('fix-login') })).toMatchObject({ name: 'api' })
    const same = { session_id, name: 'api', resumed: true }
    expect(await register('c', at('fix-login', { run: 'r2' }))).toMatchObject(same)
    expect(await register('cleared', at('fix-login', { run: 'r2/1', known_as: ['c'] }))).toMatchObject(same)
    await act('unregister', {})
    expect(await register('cleared', at('other', { run: 'r3' }))).toMatchObject(same)
    expect(await register('new', at('other', { run: 'r4' }))).toMatchObject({ name: 'other', resumed: false })
  })
})
