import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { gatherFacts } from '../../src/session/facts.ts'

const run = promisify(execFile)
const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main']

async function git(cwd: string, ...args: string[]): Promise<void> {
  await run('git', [...identity, ...args], { cwd, env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })
}

async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'swb-facts-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

async function repo(at: string): Promise<string> {
  await mkdir(at, { recursive: true })
  await git(at, 'init', '--quiet')
  await writeFile(join(at, 'file'), '')
  await git(at, 'add', '.')
  await git(at, 'commit', '--quiet', '-m', 'first')
  return at
}

describe('the facts of a session', () => {
  beforeAll(() => {
    for (const name of Object.keys(process.env).filter(each => each.startsWith('GIT_'))) delete process.env[name]
  })

  it('outside any repository are machine and folder', async () => {
    const at = await folder()
    expect(await gatherFacts(at, {})).toEqual({ machine: hostname(), cwd: at })
  })

  it('name one repository for all its worktrees and clones by the remote', async () => {
    const top = await folder()
    const main = await repo(join(top, 'api'))
    await git(main, 'remote', 'add', 'fork', 'https://example.com/fork/api')
    await git(main, 'remote', 'add', 'origin', 'git@github.com:Acme/api.git')
    await git(main, 'worktree', 'add', '--quiet', '-b', 'feature', join(top, 'wt'))
    await mkdir(join(main, 'sub'))
    expect(await gatherFacts(join(main, 'sub'), {})).toMatchObject({
      repo: 'github.com/Acme/api',
      worktree: main,
      branch: 'main',
      cwd: join(main, 'sub'),
    })
    expect(await gatherFacts(join(top, 'wt'), {})).toMatchObject({
      repo: 'github.com/Acme/api',
      worktree: join(top, 'wt'),
      branch: 'feature',
    })
  })

  it('never carry the password of a remote', async () => {
    const at = await repo(join(await folder(), 'api'))
    await git(at, 'remote', 'add', 'origin', 'https://user:s3cret@example.com/acme/api.git')
    expect(JSON.stringify(await gatherFacts(at, {}))).not.toContain('s3cret')
  })

  it('without a remote name it by its folder, with a mark that tells two folders apart', async () => {
    const top = await folder()
    const [one, two] = [await repo(join(top, 'a', 'my api')), await repo(join(top, 'b', 'my api'))]
    await git(one, 'worktree', 'add', '--quiet', join(top, 'wt'))
    const [first, tree, second] = await Promise.all([one, join(top, 'wt'), two].map(each => gatherFacts(each, {})))
    expect(first?.repo).toMatch(/^my-api~[0-9a-f]{6}$/)
    expect(tree?.repo).toBe(first?.repo)
    expect(second?.repo).not.toBe(first?.repo)
  })

  it('of a detached head have no branch, and of an empty repository one', async () => {
    const at = await repo(join(await folder(), 'x'))
    await git(at, 'checkout', '--quiet', '--detach')
    expect(await gatherFacts(at, {})).not.toHaveProperty('branch')
    const empty = await folder()
    await git(empty, 'init', '--quiet')
    expect(await gatherFacts(empty, {})).toMatchObject({ branch: 'main', worktree: empty })
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
  ])('say of the environment %j: %j', async (env, facts) => {
    expect(await gatherFacts(await folder(), env, { agent: 'codex', run: 'r' })).toMatchObject({ ...facts, run: 'r' })
  })

  it('leave out what is too long for the hub', async () => {
    expect(await gatherFacts(await folder(), {}, { agent: 'x'.repeat(500) })).not.toHaveProperty('agent')
  })
})
