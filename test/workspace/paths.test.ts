import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gatherFacts } from '../../src/workspace/facts.ts'
import { withPathFacts } from '../../src/workspace/paths.ts'
import { openShell } from '../cli/support/shell.ts'
import { testHome } from '../client/support/home.ts'
import { session } from '../mcp/support/session-process.ts'
import { openWorld } from '../operations/world.ts'
import { until } from '../until.ts'
import { emptyHome, file, folder, git, repository, standInGit } from './support.ts'

const NFC = 'caf\u00e9'
const NFD = 'cafe\u0301'

/** A session in a folder, as its own process would speak for it: whatever it writes is looked up on the disk first. */
async function inFolder(world: Awaited<ReturnType<typeof openWorld>>, name: string, cwd: string) {
  const facts = { ...(await gatherFacts(cwd, await emptyHome())), machine: 'desk' }
  const act = await world.join(name, { facts })
  return {
    claim: async (path: string) => await act('claim', (await withPathFacts({ path }, facts)) as never),
    release: async (path: string) => await act('release', (await withPathFacts({ path }, facts)) as never),
    edit: async (path: string) =>
      (await act('check_edit', (await withPathFacts({ path }, facts)) as never)).decision === 'ask',
  }
}

/**
 * One file each, in all the ways in which a person or a program may write it. `src/a.ts` of `main` is reached from
 * another worktree by its own name there.
 */
async function spellings(): Promise<{ worktree: string; files: Record<string, string[]> }> {
  const top = await folder()
  const main = await repository(join(top, 'main'))
  const library = await repository(join(top, 'library'))
  await git(main, 'submodule', '--quiet', 'add', library, 'vendor/library')
  await file(join(main, NFC, 'x.ts'))
  await file(join(main, '😀', 'y.ts'))
  await file(join(main, 'a b', '[id]', 'z(1).ts'))
  await symlink(join(main, 'src'), join(main, 'folder-link'))
  await symlink('src/a.ts', join(main, 'file-link.ts'))
  await symlink(join(main, 'file-link.ts'), join(top, 'outside.ts'))
  await symlink(main, join(top, 'main-link'))
  await symlink(join(top, 'main-link', 'src'), join(top, 'deep-link'))
  await symlink('src/new.ts', join(main, 'dangling.ts'))
  await mkdir(join(main, 'up', 'down'), { recursive: true })
  await symlink(join(main, 'vendor'), join(main, 'up', 'down', 'vendor'))
  await symlink('src', join(main, 'up-link'))
  await symlink('../src/new.ts', join(main, 'src', 'dangling-up.ts'))
  await symlink('up/down/vendor/../src/a.ts', join(main, 'chain.ts'))
  return {
    worktree: main,
    files: {
      'a file': [
        'src/a.ts',
        './src/../src/a.ts',
        'folder-link/a.ts',
        'file-link.ts',
        join(main, 'src/a.ts'),
        join(main, 'folder-link/a.ts'),
        join(top, 'outside.ts'),
        join(top, 'main-link/src/a.ts'),
        join(top, 'main-link/folder-link/a.ts'),
        join(top, 'deep-link/a.ts'),
        join(top, 'main/../main//src/./a.ts'),
        `${top}/main-link/../main/src/a.ts`,
        // Behind a link `..` is the folder around what the link leads to, as it is where the file is opened.
        'folder-link/../src/a.ts',
        'up-link/../src/a.ts',
        `${top}/deep-link/../src/a.ts`,
        'chain.ts',
      ],
      'a file that is not there yet': [
        'src/new.ts',
        'folder-link/new.ts',
        'dangling.ts',
        join(top, 'deep-link/new.ts'),
        `${top}/deep-link/../src/new.ts`,
        'none/../src/new.ts',
        'up-link/../dangling.ts',
        'up-link/dangling-up.ts',
      ],
      'a file of a submodule': [
        'vendor/library/src/a.ts',
        join(main, 'vendor/library/src/a.ts'),
        join(top, 'main-link/vendor/library/src/a.ts'),
      ],
      'a name with an accent': [`${NFC}/x.ts`, join(main, NFC, 'x.ts'), join(top, 'main-link', NFC, 'x.ts')],
      'a name not there, composed or taken apart': [`${NFC}/new.ts`, `${NFD}/new.ts`, join(main, NFD, 'new.ts')],
      'an emoji': ['😀/y.ts', join(main, '😀/y.ts')],
      'blanks, brackets and parentheses': ['a b/[id]/z(1).ts', join(top, 'main-link/a b/[id]/z(1).ts')],
    },
  }
}

describe('one file', () => {
  it('is one claim, whichever of its names is claimed, edited or released', async () => {
    const { worktree, files } = await spellings()
    const world = await openWorld()
    const [one, two] = [await inFolder(world, 'one', worktree), await inFolder(world, 'two', worktree)]
    for (const [what, names] of Object.entries(files)) {
      for (const claimed of names) {
        await one.claim(claimed)
        for (const written of names) {
          expect(await two.edit(written), `${what}: ${written} while ${claimed} is claimed`).toBe(true)
          await expect(two.claim(written), `${what}: ${written}`).rejects.toMatchObject({ code: 'claim_held' })
          expect(await one.edit(written), `${what}: its own ${written}`).toBe(false)
        }
        await one.release(names[0]!)
        expect(await two.edit(claimed), `${what}: ${claimed} is released`).toBe(false)
      }
    }
  })

  it('is covered by a glob through links, and only by one of its folder', async () => {
    const { worktree } = await spellings()
    const world = await openWorld()
    const [one, two] = [await inFolder(world, 'one', worktree), await inFolder(world, 'two', worktree)]
    expect(await one.claim('folder-link/**/*.ts')).toMatchObject({ path: 'src/**/*.ts' })
    for (const written of ['src/a.ts', 'file-link.ts', 'folder-link/new.ts', 'dangling.ts']) {
      expect(await two.edit(written), written).toBe(true)
    }
    expect(await two.edit('vendor/library/src/a.ts')).toBe(false)
    expect(await two.edit('README.md')).toBe(false)
  })

  it('is no other one whose name differs in a blank, a backslash or another sign that a name may have', async () => {
    const main = await repository(await folder())
    const world = await openWorld()
    const [one, two] = [await inFolder(world, 'one', main), await inFolder(world, 'two', main)]
    const names = [
      'a.ts',
      'a.ts ',
      ' a.ts',
      'a.ts\t',
      'a.ts\n',
      'a',
      'a/b',
      'a\\b',
      'a\\b.ts',
      '\\a.ts',
      'a.ts\\',
      '.\\a.ts',
    ]
    const more = ['..\\a.ts', 'C:\\a.ts', '~a.ts', '%20a.ts', 'a,b', '"a.ts"', 'x/ ', 'x/ /a.ts', 'x\\ /a.ts']
    const all = [...names, ...more]
    for (const claimed of all) {
      await one.claim(claimed)
      for (const written of all) {
        for (const way of [written, `./${written}`, join(main, written)]) {
          const isIn = written === claimed || written.startsWith(`${claimed}/`)
          expect(await two.edit(way), `${JSON.stringify(way)} while ${JSON.stringify(claimed)} is claimed`).toBe(isIn)
        }
      }
      await one.release(claimed)
    }
    await one.claim('a\\*')
    for (const [written, isIn] of [
      ['a\\b', true],
      ['a\\b.ts', true],
      ['a/b', false],
      ['a.ts', false],
    ] as const) {
      expect(await two.edit(written), written).toBe(isIn)
    }
  })

  it('is the same in another letter case exactly where the disk says so', async () => {
    const top = await folder()
    const [sensitive, ignoring] = [await repository(join(top, 's')), await repository(join(top, 'i'))]
    // Stands for a disk that takes both for one name: so `.GIT` is found there.
    await symlink('.git', join(ignoring, '.GIT'))
    const world = await openWorld()
    for (const [at, isOne] of [
      [sensitive, false],
      [ignoring, true],
    ] as const) {
      const [one, two] = [await inFolder(world, `one ${isOne}`, at), await inFolder(world, `two ${isOne}`, at)]
      await one.claim('docs/Straße/README.md')
      expect(await two.edit('DOCS/straße/readme.md')).toBe(isOne)
      expect(await two.edit('docs/Straße/README.md')).toBe(true)
      await (isOne
        ? expect(two.claim('docs/STRASSE/Readme.md')).rejects.toMatchObject({ code: 'claim_held' })
        : two.claim('docs/x'))
    }
  })
})

describe('a path that a program passes on', () => {
  it('ends where links lead to each other, however many ways there are through them', async () => {
    const cwd = await folder()
    for (let i = 0; i < 60; i++) await symlink(`l${i + 1}/../l${i + 1}`, join(cwd, `l${i}`))
    await symlink('round/../round', join(cwd, 'round'))
    for (const path of ['l0', 'l0/x.ts', 'round', 'round/x.ts']) {
      expect(await withPathFacts({ path }, { machine: 'desk', cwd })).toHaveProperty('facts')
    }
  })

  it('says in which repository it lies, also where it is a glob, a folder, not there yet, or behind a link', async () => {
    const top = await folder()
    const main = await repository(join(top, 'rd'))
    const { repo, worktree } = await gatherFacts(main, await emptyHome())
    await symlink(main, join(top, 'link'))
    const told = (path: string) => withPathFacts({ path }, { machine: 'desk', cwd: top })
    for (const path of ['src/a.ts', 'src/**/*.ts', 'src/{a,b}/{c/d,e}.ts', 'src', 'new/b.ts', 'conf.d/']) {
      const expected = { path: join(main, path), facts: { repo: expect.any(String), worktree, ignores_case: false } }
      expect(await told(join(main, path))).toEqual(expected)
      expect(await told(join(top, 'link', path))).toEqual(expected)
      expect(await told(join('link', path))).toEqual(expected)
    }
    expect(repo).toMatch(/^rd~/)
    expect(await told(join(top, 'elsewhere.ts'))).toEqual({
      path: join(top, 'elsewhere.ts'),
      facts: { ignores_case: false },
    })
  })

  it('lies in the innermost of repositories within each other', async () => {
    const outer = await repository(await folder())
    const inner = await repository(join(outer, 'vendor', 'lib'))
    const { facts } = await withPathFacts({ path: 'vendor/lib/src/a.ts' }, { machine: 'desk', worktree: outer })
    expect(facts).toMatchObject({ worktree: inner, repo: expect.stringMatching(/^lib~/) })
  })

  it('leaves alone what has no path, and what has its facts', async () => {
    const workspace = { machine: 'desk', cwd: await folder() }
    for (const input of [{ text: 'y' }, { path: '/x', facts: {} }]) {
      expect(await withPathFacts(input, workspace)).toBe(input)
    }
  })

  it('outside a repository is one of the folder', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'notes.md'), '')
    expect(await withPathFacts({ path: 'notes.md' }, { machine: 'desk', cwd })).toMatchObject({
      path: join(cwd, 'notes.md'),
    })
  })
})

describe('a hook that asks about a path', () => {
  it('does not wait for git to name the repository around its own session, however it is written', async () => {
    const top = await folder()
    const main = await repository(join(top, 'main'))
    await symlink(main, join(top, 'link'))
    await file(join(main, 'deep', 'x.ts'))
    const facts = await gatherFacts(join(main, 'deep'), await emptyHome())
    await standInGit('echo "$*" >> $here/calls; exec sleep 60')
    for (const path of ['src/a.ts', join(main, 'deep/x.ts'), join(top, 'link/src/new.ts')]) {
      expect(await withPathFacts({ path }, facts)).toMatchObject({ facts: { repo: facts.repo, worktree: main } })
    }
  })

  it('goes on without the name of another repository where git takes too long', async () => {
    const [own, other] = [await repository(await folder()), await repository(await folder())]
    const facts = await gatherFacts(own, await emptyHome())
    await standInGit('exec sleep 60')
    const path = join(other, 'src/a.ts')
    expect(await withPathFacts({ path }, facts, { maxGitMs: 20 })).toEqual({ path })
  })
})

describe('a repository that gets a remote while sessions live in it', () => {
  it('is one for those who came before and after', async () => {
    const main = await repository(await folder())
    const { env } = await testHome()
    const one = await session(env, { cwd: main })
    await until(async () => !(await one.tool('whoami')).isError)
    expect(await one.tool('claim', { path: 'src/a.ts' })).toMatchObject({ repo: expect.stringContaining('~') })
    await git(main, 'remote', 'add', 'origin', 'https://example.com/acme/api')
    const two = await session(env, { cwd: main })
    await until(async () => !(await two.tool('whoami')).isError)
    expect(await two.tool('claim', { path: 'src/a.ts' })).toMatchObject({ error: { code: 'claim_held' } })
    await git(main, 'remote', 'set-url', 'origin', 'https://example.com/acme/other')
    expect(await one.tool('claim', { path: 'src/b.ts' })).toMatchObject({ repo: 'example.com/acme/other' })
    expect(await two.tool('claim', { path: 'src/b.ts' })).toMatchObject({ error: { code: 'claim_held' } })
    expect(await two.tool('claim', { path: 'src/a.ts' })).toMatchObject({ error: { code: 'claim_held' } })
  })
})

describe('a claim in a repository that no session lives in yet', () => {
  it('is in the way of those who come later', async () => {
    const top = await folder()
    const main = await repository(join(top, 'rd'))
    await symlink(main, join(top, 'link'))
    const { env } = await testHome()
    const one = await session(env, { cwd: top })
    const joined = async (each: typeof one) => await until(async () => !(await each.tool('whoami')).isError)
    await joined(one)
    expect(await one.tool('claim', { path: join(top, 'link', 'src', 'a.ts') })).toMatchObject({
      path: 'src/a.ts',
      repo: expect.stringMatching(/^rd~/),
    })
    const two = await session(env, { cwd: main })
    await joined(two)
    expect(await two.tool('claim', { path: 'src/a.ts' })).toMatchObject({ error: { code: 'claim_held' } })
    expect(await two.tool('claim', { path: 'src/b.ts' })).toMatchObject({ isError: false })
  })

  it('is the same from the command line', async () => {
    const shell = await openShell()
    onTestFinished(() => shell.close())
    await repository(join(shell.folder, 'rd'))
    const repo = expect.stringMatching(/^rd~/)
    expect(await shell.json(['claim', 'rd/src/**'])).toMatchObject({ path: 'src/**', repo })
    expect(await shell.json(['claims', 'src'], { cwd: join(shell.folder, 'rd') })).toMatchObject({
      claims: [{ path: 'src/**', repo }],
    })
    expect(await shell.json(['release', join(shell.folder, 'rd/src/**')])).toMatchObject({ path: 'src/**', repo })
  })
})
