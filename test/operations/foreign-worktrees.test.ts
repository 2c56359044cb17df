import { beforeEach, describe, expect, it } from 'vitest'
import { type Act, openWorld } from './world.ts'

/** A session of a token on the same machine says of its own worktree what it likes; here, that it lies within another's. */
const ONE = { repo: 'github.com/acme/api', worktree: '/w/one', cwd: '/w/one', machine: 'desk' }
const told = { repo: ONE.repo, worktree: ONE.worktree }

let holder: Act
let editor: Act
let stranger: Act

beforeEach(async () => {
  const world = await openWorld()
  holder = await world.join('holder', { facts: ONE })
  editor = await world.join('editor', { facts: ONE })
  const token = await world.token('t', { machine: 'desk' })
  const { session_id } = await token('register', { name: 'stranger' })
  const { grantor } = (await world.store.session(session_id))!
  stranger = world.sessionById(session_id, grantor)
})

const WORKTREES = ['/w/one/src', '/w/one/src/db.ts', '/w/one', '/w', '/']

describe.each(WORKTREES)('a stranger that calls %s its worktree', worktree => {
  it.each([[told], [undefined]])('hides no claim from an edit, with facts %j', async facts => {
    const at = facts === undefined ? {} : { facts }
    await holder('claim', { path: '/w/one/src/db.ts', ...at })
    await stranger('heartbeat', { facts: { repo: 'evil', worktree, cwd: worktree } })
    expect(await editor('check_edit', { path: '/w/one/src/db.ts', ...at })).toMatchObject({ decision: 'ask' })
    await expect(editor('claim', { path: '/w/one/src/db.ts', ...at })).rejects.toMatchObject({ code: 'claim_held' })
    await holder('release', { path: '/w/one/src/db.ts', ...at })
  })

  it('hides no session from the git guard', async () => {
    await stranger('heartbeat', { facts: { repo: 'evil', worktree, cwd: worktree } })
    for (const command of ['git stash', 'cd /w/one/src && git stash', 'git -C src stash']) {
      const { decision, reason } = await editor('check_git', { command, cwd: '/w/one' })
      expect([command, decision]).toEqual([command, 'ask'])
      expect(reason).toContain('holder')
    }
  })
})
