import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { gatherFacts } from '../../src/session/facts.ts'
import { withPathFacts } from '../../src/session/facts-of-path.ts'
import { openShell } from '../cli/support/shell.ts'
import { testHome } from '../client/support/home.ts'
import { session } from '../mcp/support/session-process.ts'
import { until } from '../until.ts'

async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'swb-path-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

async function repo(at: string): Promise<{ repo: string; worktree: string }> {
  await mkdir(join(at, 'src'), { recursive: true })
  await promisify(execFile)('git', ['init', '--quiet'], { cwd: at })
  await writeFile(join(at, 'src', 'a.ts'), '')
  const { repo, worktree } = await gatherFacts(at, {})
  return { repo: repo!, worktree: worktree! }
}

beforeAll(() => {
  for (const name of Object.keys(process.env).filter(each => each.startsWith('GIT_'))) delete process.env[name]
})

describe('a path that a program passes on', () => {
  it('says in which repository it lies, also where it is a glob, a folder, not there yet, or behind a link', async () => {
    const top = await folder()
    const facts = await repo(join(top, 'rd'))
    await symlink(join(top, 'rd'), join(top, 'link'))
    const told = (path: string) => withPathFacts('claim', { path }, () => ({ cwd: top }))
    for (const path of ['src/a.ts', 'src/**/*.ts', 'src', 'new/b.ts', 'conf.d/']) {
      const real = join(top, 'rd', path)
      expect(await told(real)).toEqual({ path: real, facts })
      expect(await told(join(top, 'link', path))).toEqual({ path: real, facts })
      expect(await told(join('link', path))).toEqual({ path: real, facts })
    }
    expect(await told(join(top, 'elsewhere.ts'))).toEqual({ path: join(top, 'elsewhere.ts') })
  })

  it('is left as written in the worktree of its session, but not in another one that lies within', async () => {
    const top = await folder()
    const own = await repo(top)
    const inner = await repo(join(top, 'vendor', 'lib'))
    const told = (path: string) => withPathFacts('check_edit', { path }, () => ({ ...own, cwd: top }))
    expect(await told('src/a.ts')).toEqual({ path: 'src/a.ts' })
    expect(await told(join(top, 'src', 'a.ts'))).toEqual({ path: join(top, 'src', 'a.ts') })
    const within = join(top, 'vendor', 'lib', 'src', 'a.ts')
    expect(await told(within)).toEqual({ path: within, facts: inner })
  })

  it('keeps the name of a file that is a link, and the input of what has no path on the disk', async () => {
    const top = await folder()
    const facts = await repo(top)
    await symlink(join(top, 'src', 'a.ts'), join(top, 'b.ts'))
    expect(await withPathFacts('claim', { path: join(top, 'b.ts') }, () => ({}))).toEqual({
      path: join(top, 'b.ts'),
      facts,
    })
    const input = { path: '/x', text: 'y' }
    expect(await withPathFacts('publish', input, () => ({}))).toBe(input)
  })
})

describe('a claim in a repository that no session lives in yet', () => {
  it('is in the way of those who come later', { timeout: 60_000 }, async () => {
    const top = await folder()
    const { repo: name } = await repo(join(top, 'rd'))
    await symlink(join(top, 'rd'), join(top, 'link'))
    const { env } = await testHome()
    const one = await session(env, { cwd: top })
    const joined = async (each: typeof one) => await until(async () => !(await each.tool('whoami')).isError)
    await joined(one)
    expect(await one.tool('claim', { path: join(top, 'link', 'src', 'a.ts') })).toMatchObject({
      path: 'src/a.ts',
      repo: name,
    })
    const two = await session(env, { cwd: join(top, 'rd') })
    await joined(two)
    expect(await two.tool('claim', { path: 'src/a.ts' })).toMatchObject({ error: { code: 'claim_held' } })
    expect(await two.tool('claim', { path: 'src/b.ts' })).toMatchObject({ isError: false })
  })

  it('is the same from the command line', { timeout: 60_000 }, async () => {
    const shell = await openShell()
    onTestFinished(() => shell.close())
    const { repo: name } = await repo(join(shell.folder, 'rd'))
    expect(await shell.json(['claim', 'rd/src/**'])).toMatchObject({ path: 'src/**', repo: name })
    expect(await shell.json(['claims', 'src'], { cwd: join(shell.folder, 'rd') })).toMatchObject({
      claims: [{ path: 'src/**', repo: name }],
    })
    expect(await shell.json(['release', join(shell.folder, 'rd/src/**')])).toMatchObject({ path: 'src/**', repo: name })
  })
})
