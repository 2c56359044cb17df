import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gatherFacts } from '../../src/workspace/facts.ts'
import { emptyHome, folder, git, repository } from './support.ts'

const facts = async (cwd: string, env: NodeJS.ProcessEnv = {}, known = {}) =>
  await gatherFacts(cwd, { ...(await emptyHome()), ...env }, known)

describe('the facts of a session', () => {
  it('outside any repository are machine and folder', async () => {
    const at = await folder()
    expect(await facts(at)).toEqual({ machine: hostname(), cwd: at })
  })

  it('name one repository for all its worktrees and clones by the remote', async () => {
    const top = await folder()
    const main = await repository(join(top, 'api'))
    await git(main, 'remote', 'add', 'fork', 'https://example.com/fork/api')
    await git(main, 'remote', 'add', 'origin', 'git@github.com:Acme/api.git')
    await git(main, 'worktree', 'add', '--quiet', '-b', 'feature', join(top, 'wt'))
    await mkdir(join(main, 'sub'))
    expect(await facts(join(main, 'sub'))).toMatchObject({
      repo: 'github.com/acme/api',
      worktree: main,
      branch: 'main',
      cwd: join(main, 'sub'),
    })
    expect(await facts(join(top, 'wt'))).toMatchObject({
      repo: 'github.com/acme/api',
      worktree: join(top, 'wt'),
      branch: 'feature',
    })
  })

  it('never carry the password of a remote', async () => {
    const at = await repository(join(await folder(), 'api'))
    await git(at, 'remote', 'add', 'origin', 'https://user:s3cret@example.com/acme/api.git')
    expect(JSON.stringify(await facts(at))).not.toContain('s3cret')
  })

  it('without a remote name it by its folder, with a mark that tells two folders apart', async () => {
    const top = await folder()
    const [one, two] = [await repository(join(top, 'a', 'my api')), await repository(join(top, 'b', 'my api'))]
    await git(one, 'worktree', 'add', '--quiet', join(top, 'wt'))
    const [first, tree, second] = await Promise.all([one, join(top, 'wt'), two].map(each => facts(each)))
    expect(first?.repo).toMatch(/^my-api~[0-9a-f]{6}$/)
    expect(tree?.repo).toBe(first?.repo)
    expect(second?.repo).not.toBe(first?.repo)
  })

  it('of a detached head have no branch, and of an empty repository one', async () => {
    const at = await repository(join(await folder(), 'x'))
    await git(at, 'checkout', '--quiet', '--detach')
    expect(await facts(at)).not.toHaveProperty('branch')
    const empty = await folder()
    await git(empty, 'init', '--quiet')
    expect(await facts(empty)).toMatchObject({ branch: 'main', worktree: empty })
  })

  it.each([
    [
      { CLAUDECODE: '1', TMUX_PANE: '%3' },
      { agent: 'claude-code', pane: 'tmux:%3' },
    ],
    [
      { ZELLIJ_SESSION_NAME: 's', ZELLIJ_PANE_ID: '4' },
      { agent: 'codex', pane: 'zellij:s:4' },
    ],
  ])('say of the environment %j: %j', async (env, expected) => {
    const found = await facts(await folder(), env, { agent: 'codex', run: 'r' })
    expect(found).toMatchObject({ ...expected, run: 'r' })
  })

  it('leave out what is too long for the hub', async () => {
    expect(await facts(await folder(), {}, { agent: 'x'.repeat(500) })).not.toHaveProperty('agent')
  })
})
