import { beforeEach, describe, expect, it } from 'vitest'
import { openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const repo = 'github.com/acme/api'
const at = (name: string) => ({ facts: { repo, worktree: `/src/${name}`, cwd: `/src/${name}` } })

describe('shared state', () => {
  it('is versioned, with author and note, and keeps its history', async () => {
    const a = await world.join('a')
    expect(await a('set_state', { key: 'plan', value: ['one'], note: 'first' })).toMatchObject({ version: 1, by: 'a' })
    expect(await a('set_state', { key: 'plan', value: 'two', mode: 'append' })).toMatchObject({
      version: 2,
      value: ['one', 'two'],
    })
    expect(await a('get_state', { key: 'plan', version: 1 })).toMatchObject({ value: ['one'], note: 'first' })
    expect(await a('get_state', { key: 'plan' })).toMatchObject({ version: 2, value: ['one', 'two'] })
    expect((await a('list_state', {})).entries).toMatchObject([{ key: 'plan', version: 2, by: 'a' }])
  })

  it('refuses a stale write and says what is there and who wrote it', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('set_state', { key: 'k', value: 1, expected_version: 0 })
    await expect(b('set_state', { key: 'k', value: 2, expected_version: 0 })).rejects.toMatchObject({
      code: 'stale_version',
      message: 'expected another version: the entry is at version 1, written by a',
      next: 'Read it again, then decide.',
      details: { current_version: 1, by: 'a', value: 1 },
    })
    await expect(b('set_state', { key: 'new', value: 2, expected_version: 3 })).rejects.toMatchObject({
      message: 'expected a version of an entry that does not exist',
      next: '`expected_version` 0 creates it.',
    })
    await expect(b('delete_state', { key: 'k', expected_version: 9 })).rejects.toMatchObject({ code: 'stale_version' })
    expect(await b('delete_state', { key: 'k', expected_version: 1 })).toMatchObject({ version: 2, by: 'b' })
    expect(await a('set_state', { key: 'k', value: 3, expected_version: 0 })).toMatchObject({ version: 3 })
  })

  it('that is missing names the nearest keys', async () => {
    const a = await world.join('a')
    await a('set_state', { key: 'api/url', value: 'x' })
    await expect(a('get_state', { key: 'api/ur' })).rejects.toMatchObject({
      code: 'not_found',
      next: expect.stringContaining('api/url'),
    })
    await expect(a('get_state', { key: 'api/url', version: 7 })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('takes any JSON and nothing else', async () => {
    const a = await world.join('a')
    for (const value of [null, false, 0, '', [], { a: { b: [1] } }]) {
      await a('set_state', { key: 'k', value })
      expect((await a('get_state', { key: 'k' })).value).toEqual(value)
    }
    await expect(a('set_state', { key: 'k' } as never)).rejects.toMatchObject({ code: 'invalid_input' })
    let deep: unknown = 0
    for (let i = 0; i < 70; i++) deep = [deep]
    await expect(a('set_state', { key: 'k', value: deep })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('claims', () => {
  it('are one for all worktrees of a repo, by relative and absolute paths', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    expect(await a('claim', { path: '/src/a/lib/db.ts', note: 'migration' })).toMatchObject({ path: 'lib/db.ts', repo })
    await expect(b('claim', { path: 'lib/**' })).rejects.toMatchObject({
      code: 'claim_held',
      message: 'lib/** meets lib/db.ts, held by a ("migration") for another 30 min',
      details: { holder: 'a', note: 'migration', path: 'lib/db.ts', seconds_left: 1800 },
    })
    await expect(b('claim', { path: 'lib/db.ts' })).rejects.toMatchObject({
      message: 'lib/db.ts is held by a ("migration") for another 30 min',
    })
    expect((await b('list_claims', { path: 'lib' })).claims).toMatchObject([{ session: 'a', path: 'lib/db.ts' }])
  })

  it('lie in the repo that the caller’s program says, where no session lives yet', async () => {
    const a = await world.join('a')
    const facts = { repo, worktree: '/src/later' }
    expect(await a('claim', { path: '/src/later/f.ts', facts })).toMatchObject({ path: 'f.ts', repo })
    const b = await world.join('b', at('later'))
    await expect(b('claim', { path: 'f.ts' })).rejects.toMatchObject({ code: 'claim_held' })
    expect(await a('release', { path: '/src/later/f.ts', facts })).toMatchObject({ path: 'f.ts' })
  })

  it('leave alone what they cannot match: files of another kind', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    await a('claim', { path: 'pkg/**/*.ts' })
    await a('claim', { path: 'y.ts' })
    for (const path of ['pkg/README.md', 'pkg/**/*.md', '**/*.md']) {
      expect(await b('claim', { path })).toMatchObject({ path, renewed: false })
    }
    for (const path of ['pkg', 'pkg/x/y.ts', '**/y.ts']) {
      await expect(b('claim', { path })).rejects.toMatchObject({ code: 'claim_held' })
    }
    const { sessions } = await a('list_sessions', {})
    expect(sessions.flatMap(session => session.overlaps ?? [])).toEqual([])
  })

  it('are of a folder where they end in a slash, whatever its name looks like', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    expect(await a('claim', { path: 'conf.d/' })).toMatchObject({ path: 'conf.d/**' })
    await expect(b('claim', { path: '**/*.conf' })).rejects.toMatchObject({ code: 'claim_held' })
    expect(await a('release', { path: 'conf.d/' })).toMatchObject({ path: 'conf.d/**' })
  })

  it('are renewed by their holder under the same token, and end by time', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    const first = await a('claim', { path: 'x', ttl_seconds: 60 })
    world.pass(50_000)
    expect(await a('claim', { path: 'x', ttl_seconds: 60 })).toMatchObject({ renewed: true, token: first.token })
    world.pass(61_000)
    const second = await b('claim', { path: 'x' })
    expect(second.token).toBeGreaterThan(first.token)
    await expect(a('claim', { path: 'x', token: first.token })).rejects.toMatchObject({ code: 'stale_token' })
    await expect(a('release', { path: 'x', token: first.token })).rejects.toBeDefined()
    expect((await b('list_claims', {})).claims).toMatchObject([{ session: 'b' }])
  })

  it('are released by their holder, or by the operator, and by nobody else', async () => {
    const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
    await a('claim', { path: 'x' })
    await expect(b('release', { path: 'x' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await a('release', { path: 'x' })).toMatchObject({ path: 'x', held_by: 'a' })
    await a('claim', { path: 'x' })
    expect(await world.operator('release', { path: '/src/a/x' })).toMatchObject({ held_by: 'a' })
  })
})

describe('tokens', () => {
  it('are shown once, listed without their secret, and revoked by name', async () => {
    const made = await world.operator('create_token', { name: 'ci' })
    expect(made).toMatchObject({ name: 'ci', scopes: ['read', 'publish'], machine: 'ci' })
    expect((await world.operator('list_tokens', {})).tokens).toEqual([
      { name: 'ci', scopes: ['read', 'publish'], machine: 'ci', created_at: expect.any(String) },
    ])
    await expect(world.operator('create_token', { name: 'ci' })).rejects.toMatchObject({ code: 'identity_taken' })
    expect(await world.operator('revoke_token', { name: 'ci' })).toHaveProperty('revoked_at')
    await expect(world.operator('revoke_token', { name: 'no' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('publish under their own name and have no inbox', async () => {
    const ci = await world.token('ci')
    const a = await world.join('a')
    await ci('publish', { text: 'build failed', to: 'a', type: 'ci_failed' })
    expect((await a('inbox', {})).messages).toMatchObject([{ from: 'ci', trust: 'peer' }])
    await expect(ci('inbox', {})).rejects.toMatchObject({ code: 'session_required' })
    await expect(ci('prune', { keep_newest: 0 })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('prune', () => {
  it('forgets what is old, never what someone has not read', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'read', to: 'b' })
    await b('inbox', {})
    await b('whoami', {})
    const unread = await a('publish', { text: 'unread', to: 'b' })
    world.pass(40 * 24 * 3600_000)
    const dry = await world.operator('prune', { older_than_days: 30, dry_run: true })
    expect(dry.kept_unread).toBeGreaterThanOrEqual(1)
    await world.operator('prune', { older_than_days: 30 })
    const left = (await a('get_events', { order: 'asc' })).events.map(event => event.id)
    expect(left).toContain(unread.event_id)
    expect((await a('get_events', { query: 'read', order: 'asc' })).events).toEqual([])
    expect((await b('inbox', {})).messages).toMatchObject([{ text: 'unread' }])
    await expect(world.operator('prune', {})).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('bad input', () => {
  it('says which field, what was expected, and which fields there are', async () => {
    const a = await world.join('a')
    await expect(a('publish', { text: 5 } as never)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('text'),
      next: expect.stringContaining('reply_to'),
    })
    await expect(a('publish', { text: 'x', txt: 'y' } as never)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('txt'),
    })
    await expect(a('pubish' as never, {} as never)).rejects.toMatchObject({
      code: 'unknown_operation',
      next: expect.stringContaining('publish'),
    })
  })
})
