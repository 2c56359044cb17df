import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gatherFacts, withFreshRepository } from '../../src/workspace/facts.ts'
import { type Repository, repositoryAround } from '../../src/workspace/repository.ts'
import { emptyHome, folder, git, repository, standInGit } from './support.ts'

const around = async (at: string) => (await repositoryAround(at, 'desk')) as Repository

function withVariables(variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  onTestFinished(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
    Object.assign(process.env, before)
  })
}

describe('one repository has one name', () => {
  it('whichever way its remote is written', async () => {
    const top = await folder()
    const written = [
      'git@github.com:Acme/API.git',
      'https://github.com/acme/api',
      'https://user:secret@GitHub.com/acme/api.git/',
      'ssh://git@ssh.github.com:443/acme/api.git',
      'git+ssh://git@github.com//acme/api',
      'https://github.com/acme/%61pi',
      'hub:acme/api',
      'mirror:api',
      'gh://acme/api',
      'https://gh/acme/api',
      'https://github.example/acme/api',
      'ssh://git@gh.example:29/api',
    ]
    for (const [i, url] of written.entries()) {
      const at = await repository(join(top, String(i)))
      await git(at, 'config', 'url.git@github.com:.insteadOf', 'hub:')
      await git(at, 'config', 'url.https://github.com/Acme/.insteadOf', 'mirror:')
      for (const short of ['gh://', 'https://gh/', 'https://github.example/']) {
        await git(at, 'config', '--add', 'url.https://user:p@ss@github.com/.insteadOf', short)
      }
      await git(at, 'config', 'url.https://github.com/acme.insteadOf', 'ssh://git@gh.example:29')
      await git(at, 'remote', 'add', 'origin', url)
      expect((await around(at)).repo, url).toBe('github.com/acme/api')
    }
  })

  it('from every worktree, folder and link, and with a bare repository', async () => {
    const top = await folder()
    const main = await repository(join(top, 'main'))
    await git(main, 'worktree', 'add', '--quiet', join(top, 'tree'))
    await mkdir(join(main, 'deep', 'down'), { recursive: true })
    await symlink(join(main, 'deep'), join(top, 'link'))
    const { repo } = await around(main)
    for (const at of [join(main, 'deep/down'), join(top, 'link/down'), join(top, 'tree'), join(main, '.git')]) {
      expect((await around(at)).repo, at).toBe(repo)
    }
  })

  it('with its clones on one disk, also where two are clones of each other', async () => {
    const top = await folder()
    const first = await repository(join(top, 'first'))
    await git(top, 'clone', '--quiet', '--bare', first, join(top, 'middle.git'))
    await git(top, 'clone', '--quiet', join(top, 'middle.git'), join(top, 'last'))
    await git(top, 'clone', '--quiet', `file://${join(top, 'middle.git')}`, join(top, 'by-url'))
    const { repo } = await around(first)
    for (const name of ['middle.git', 'last', 'by-url']) expect((await around(join(top, name))).repo, name).toBe(repo)
    const twins = [await repository(join(top, 'one')), await repository(join(top, 'two'))]
    await git(twins[0]!, 'remote', 'add', 'other', twins[1]!)
    await git(twins[1]!, 'remote', 'add', 'other', '../one')
    expect((await around(twins[0]!)).repo).toBe((await around(twins[1]!)).repo)
    await git(first, 'remote', 'add', 'origin', 'https://example.com/acme/first')
    await appendFile(join(top, 'last', '.git', 'config'), '\n')
    expect((await around(join(top, 'last'))).repo).toBe('example.com/acme/first')
  })

  it('is asked for again when its remotes change, and only then', async () => {
    const at = await repository(join(await folder(), 'api'))
    await standInGit('echo "$*" >> $here/calls; exec $real "$@"')
    const first = await gatherFacts(at, await emptyHome())
    expect(first.repo).toMatch(/^api~/)
    expect(await withFreshRepository(first)).toEqual(first)
    const before = await around(at)
    expect(await around(at)).toBe(before)
    await git(at, 'remote', 'add', 'origin', 'https://example.com/acme/api')
    expect((await withFreshRepository(first)).repo).toBe('example.com/acme/api')
    await git(at, 'remote', 'set-url', 'origin', 'https://example.com/acme/renamed')
    expect((await withFreshRepository(first)).repo).toBe('example.com/acme/renamed')
  })
})

describe('git that runs inside git', () => {
  it('is asked about the folder, not about the repository whose hook this is', async () => {
    const top = await folder()
    const [own, other] = [await repository(join(top, 'own')), await repository(join(top, 'other'))]
    const outside = join(top, 'outside')
    await mkdir(outside)
    withVariables({
      GIT_DIR: join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_COMMON_DIR: join(other, '.git'),
      GIT_INDEX_FILE: '/none',
      GIT_PREFIX: 'x/',
      GIT_CEILING_DIRECTORIES: own,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'remote.origin.url',
      GIT_CONFIG_VALUE_0: 'https://example.com/injected',
    })
    expect(await around(own)).toMatchObject({ worktree: own, repo: expect.stringMatching(/^own~/) })
    expect(await repositoryAround(outside, 'desk')).toBe('none')
  })
})

describe('a git that gives no answer', () => {
  const ONCE = 'if [ ! -e $here/asked-$1-$2 ]; then : > $here/asked-$1-$2; FAULT; fi; exec $real "$@"'

  it.each([
    ['fails', 'echo "fatal: unable to read config" >&2; exit 128'],
    ['is killed', 'kill -9 $$'],
    ['hangs', 'exec sleep 60'],
  ])('because it %s once, is asked again', async (_, fault) => {
    const at = await repository(await folder())
    await git(at, 'remote', 'add', 'origin', 'https://example.com/acme/api')
    await standInGit(ONCE.replace('FAULT', fault))
    expect((await around(at)).repo).toBe('example.com/acme/api')
  })

  it('again and again, means nothing: neither that there is no remote nor that what was known is void', async () => {
    const at = await repository(await folder())
    await git(at, 'remote', 'add', 'origin', 'https://example.com/acme/api')
    const fresh = await repository(await folder())
    const known = await around(at)
    await appendFile(join(at, '.git', 'config'), '\n')
    await standInGit('echo "fatal: detected dubious ownership" >&2; exit 128')
    expect(await around(at)).toEqual(known)
    expect(await repositoryAround(fresh, 'desk')).toBe('unknown')
    expect(await gatherFacts(fresh, await emptyHome())).not.toHaveProperty('repo')
  })

  it('because there is none on the PATH, is no fault', async () => {
    const at = await repository(await folder())
    withVariables({ PATH: await folder() })
    expect(await repositoryAround(at, 'desk')).toBe('unknown')
  })

  it('says that a folder is in no repository any more', async () => {
    const at = await repository(await folder())
    await around(at)
    await rm(join(at, '.git'), { recursive: true })
    await writeFile(join(at, 'x'), '')
    expect(await repositoryAround(at, 'desk')).toBe('none')
  })
})
