import { beforeEach, describe, expect, it } from 'vitest'
import { type Act, openWorld } from './world.ts'

const LOCAL = 'api~3f2a1c'
const REMOTE = 'github.com/acme/api'
const NEXT = 'github.com/acme/renamed'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const at = (repo: string, more: object = {}) => ({
  facts: { repo, worktree: '/src/api', gitdir: '/src/api/.git', ...more },
})

describe('a repository that gets a remote while sessions live in it', () => {
  it.each([
    ['a session that joins', async () => void (await world.join('new', at(REMOTE)))],
    [
      'a session that looked again',
      async (old: Awaited<ReturnType<typeof world.join>>) => void (await old('heartbeat', at(REMOTE))),
    ],
    [
      'a session that comes back',
      async () => {
        await world.operator('register', { name: 'back', client_id: 'back', ...at(LOCAL) })
        await world.operator('register', { client_id: 'back', ...at(REMOTE) })
      },
    ],
  ])('is one repository for all of them once %s says so', async (_, tell) => {
    const [one, two] = [
      await world.join('one', at(LOCAL)),
      await world.join('two', at(LOCAL, { worktree: '/src/tree' })),
    ]
    const { token } = await one('claim', { path: 'src/a.ts' })
    await tell(one)
    for (const session of [one, two]) expect(await session('whoami', {})).toMatchObject({ repo: REMOTE })
    expect((await world.operator('list_claims', {})).claims).toMatchObject([{ path: 'src/a.ts', repo: REMOTE, token }])
    const late = await world.join('late', at(REMOTE))
    await expect(late('claim', { path: 'src/a.ts' })).rejects.toMatchObject({ code: 'claim_held' })
    expect(await one('claim', { path: 'src/a.ts', token })).toMatchObject({ renewed: true, token })
    await late('publish', { text: 'hello', to: `repo:${REMOTE}` })
    expect((await two('inbox', {})).messages).toMatchObject([{ text: 'hello' }])
  })

  it('takes along what sessions elsewhere have claimed in it', async () => {
    await world.join('one', at(LOCAL))
    const away = await world.join('away', { facts: { cwd: '/tmp' } })
    await away('claim', { path: '/src/api/src/a.ts', facts: { repo: LOCAL, worktree: '/src/api' } })
    await world.operator('claim', { path: '/src/api/src/b.ts', facts: { repo: LOCAL, worktree: '/src/api' } })
    const late = await world.join('late', at(REMOTE))
    for (const path of ['src/a.ts', 'src/b.ts']) {
      await expect(late('claim', { path })).rejects.toMatchObject({ code: 'claim_held' })
    }
  })

  it('keeps the older of two claims on one path, and tells who has lost the other', async () => {
    const [one, clone] = [await world.join('one', at(LOCAL)), await world.join('clone', at(REMOTE, { gitdir: '/x' }))]
    await one('claim', { path: 'src/a.ts' })
    await clone('claim', { path: 'src/a.ts' })
    await world.join('late', at(REMOTE))
    expect((await world.operator('list_claims', {})).claims).toMatchObject([{ path: 'src/a.ts', session: 'one' }])
    expect((await clone('inbox', {})).messages).toMatchObject([
      { from: 'switchboard', text: expect.stringContaining('Your claim on src/a.ts has ended') },
    ])
  })
})

describe('a repository whose remote changes', () => {
  it('takes its own sessions and their claims along, and no other clone', async () => {
    const [one, clone] = [
      await world.join('one', at(REMOTE)),
      await world.join('clone', at(REMOTE, { gitdir: '/x/.git' })),
    ]
    await one('claim', { path: 'src/a.ts' })
    await clone('claim', { path: 'src/b.ts' })
    await world.join('late', at(NEXT))
    expect((await world.operator('list_claims', {})).claims).toMatchObject([
      { path: 'src/a.ts', repo: NEXT },
      { path: 'src/b.ts', repo: REMOTE },
    ])
    expect(await clone('whoami', {})).toMatchObject({ repo: REMOTE })
  })

  it('is not meant by a session that goes to another repository', async () => {
    const [one, two] = [await world.join('one', at(REMOTE)), await world.join('two', at(REMOTE))]
    await one('claim', { path: 'src/a.ts' })
    await one('heartbeat', at(NEXT, { gitdir: '/src/other/.git', worktree: '/src/other' }))
    expect(await two('whoami', {})).toMatchObject({ repo: REMOTE })
    await expect(two('claim', { path: 'src/a.ts' })).rejects.toMatchObject({ code: 'claim_held' })
  })
})

describe('a session that says of a repository what it likes', () => {
  const LIAR = { worktree: '/x', gitdir: '/x/.git' }
  /** As what the liar comes, and how it says so. */
  const liars = {
    'a token': async () => await world.token('laptop', { machine: 'desk' }),
    'the operator': async () => world.operator,
  }
  const ways = {
    register: async (act: Act, repo: string) => void (await act('register', { client_id: 'e', ...at(repo, LIAR) })),
    heartbeat: async (act: Act, repo: string) => {
      const { session_id } = await act('register', { client_id: 'e' })
      const { grantor } = (await world.store.session(session_id))!
      await world.sessionById(session_id, grantor)('heartbeat', at(repo, LIAR))
    },
  }

  describe.each(Object.entries(liars))('registered by %s', (_, liar) => {
    it.each(Object.entries(ways))('moves no claims of sessions in other folders, by %s', async (_way, say) => {
      const [victim, mate] = [await world.join('victim', at(LOCAL)), await world.join('mate', at(LOCAL))]
      await victim('claim', { path: 'src/db.ts' })
      const before = await world.operator('list_claims', {})
      const act = await liar()
      for (const repo of [LOCAL, 'elsewhere', LOCAL, REMOTE]) await say(act, repo)
      expect(await world.operator('list_claims', {})).toEqual(before)
      await expect(mate('claim', { path: 'src/db.ts' })).rejects.toMatchObject({ code: 'claim_held' })
    })
  })

  it('moves no claims that a session of another grantor has, not even with its very folder', async () => {
    const victim = await world.join('victim', at(LOCAL))
    await victim('claim', { path: 'src/db.ts' })
    await world.operator('claim', { path: '/src/api/src/own.ts', facts: { repo: LOCAL, worktree: '/src/api' } })
    const before = await world.operator('list_claims', {})
    const act = await world.token('laptop', { machine: 'desk' })
    for (const repo of [LOCAL, 'elsewhere']) await act('register', { client_id: 'e', ...at(repo) })
    expect(await world.operator('list_claims', {})).toEqual(before)
  })

  it('takes no claim away with an older one that it brings along', async () => {
    const act = await world.token('laptop', { machine: 'desk' })
    const { session_id } = await act('register', { client_id: 'e', ...at('mine~1', LIAR) })
    const { grantor } = (await world.store.session(session_id))!
    await world.sessionById(session_id, grantor)('claim', { path: 'src/db.ts' })
    const victim = await world.join('victim', at(LOCAL))
    await victim('claim', { path: 'src/db.ts' })
    await act('register', { client_id: 'e', ...at(LOCAL, LIAR) })
    const { claims } = await world.operator('list_claims', {})
    expect(claims).toMatchObject([{ path: 'src/db.ts', session: 'victim' }])
  })
})
