import { beforeEach, describe, expect, it } from 'vitest'
import { openWorld } from './world.ts'

const REPO = 'github.com/acme/lonely'
const SPELLINGS = [
  REPO,
  'lonely',
  'acme/lonely',
  'Acme/Lonely',
  'LONELY',
  'lonely.git',
  'acme/lonely/',
  'github.com/Acme/Lonely.git',
  'www.github.com/acme/lonely',
  'https://github.com/Acme/Lonely.git',
  'https://user:secret@github.com/acme/lonely',
  'ssh://git@ssh.github.com:443/acme/lonely.git',
  'git@github.com:acme/lonely.git',
  'git@github.com:Acme/Lonely/.git',
]

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

describe.each(SPELLINGS)('a repository that is written as %s', spelling => {
  it('is found by its claims, where no session was ever in it, and its claim is released', async () => {
    const facts = { repo: REPO, worktree: '/src/lonely' }
    await world.operator('claim', { path: '/src/lonely/src/a.ts', facts })
    const [shown] = (await world.operator('list_claims', {})).claims
    expect(shown).toMatchObject({ repo: REPO })
    expect((await world.operator('list_claims', { repo: spelling })).claims).toEqual([shown])
    expect((await world.operator('list_claims', { repo: spelling, path: 'src/**' })).claims).toEqual([shown])
    expect(await world.operator('release', { repo: spelling, path: 'src/a.ts' })).toMatchObject({ repo: REPO })
  })

  it('is found by its sessions, as a recipient and as a channel', async () => {
    const api = await world.join('api', { facts: { machine: 'desk', repo: REPO } })
    const { event_id, recipients } = await world.operator('publish', { text: 'hi', to: `repo:${spelling}` })
    expect(recipients).toMatchObject([{ session: 'api' }])
    expect((await api('inbox', {})).messages).toMatchObject([{ id: event_id, channel: `repo:${REPO}` }])
    expect((await world.operator('get_events', { channel: `repo:${spelling}` })).events).toMatchObject([
      { id: event_id },
    ])
  })
})

it('is asked for where its spelling means two', async () => {
  for (const repo of ['example.org/acme/api', 'example.org/acme/API', 'example.net/acme/api']) {
    await world.operator('claim', { path: `/${repo}/a.ts`, facts: { repo, worktree: `/${repo}` } })
  }
  await expect(world.operator('list_claims', { repo: 'Acme/Api' })).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('could be'),
  })
  const exact = await world.operator('list_claims', { repo: 'ssh://git@example.org/acme/API' })
  expect(exact.claims).toMatchObject([{ repo: 'example.org/acme/API' }])
})

it('is found by its remote also by a session that may not read', async () => {
  const { joined } = await world.join('api', { facts: { machine: 'desk', repo: REPO, worktree: '/src/lonely' } })
  const blind = world.sessionById(joined.session_id, undefined, new Set(['publish']))
  await blind('claim', { path: 'src/a.ts' })
  expect(await blind('release', { repo: 'git@github.com:Acme/Lonely.git', path: 'src/a.ts' })).toMatchObject({
    path: 'src/a.ts',
  })
})
