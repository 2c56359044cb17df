import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, isGlob, pathsMeet } from '../../src/bus/glob.ts'
import { placeOf } from '../../src/bus/place.ts'
import { normaliseRemote, repoLabel, reposMatching } from '../../src/bus/repo.ts'

describe('a remote', () => {
  it.each([
    ['git@github.com:acme/api.git', 'github.com/acme/api'],
    ['https://github.com/acme/api', 'github.com/acme/api'],
    ['https://user:secret@GitHub.com/acme/api.git/', 'github.com/acme/api'],
    ['ssh://git@git.example.org:2222/team/api.git', 'git.example.org/team/api'],
    ['me@corp.example@git.example.org:team/api.git', 'git.example.org/team/api'],
    ['git@git.example.org:team/api@v2', 'git.example.org/team/api@v2'],
    ['git@github.com:acme/api/.git', 'github.com/acme/api'],
    ['ssh://git.example.org/srv/api/.git/', 'git.example.org/srv/api'],
    ['git.example.org:/srv/api', 'git.example.org/srv/api'],
    ['[git@git.example.org:2222]:team/api.git', 'git.example.org/team/api'],
    ['[git.example.org:2222]:/team/api', 'git.example.org/team/api'],
    ['[git:s3cret@git.example.org]:team/api', 'git.example.org/team/api'],
    ['git@[::1]:team/api', '[::1]/team/api'],
    ['[::1]:team/api', '[::1]/team/api'],
    ['ssh://[::1]:22/team/api', '[::1]/team/api'],
    ['/srv/git/api.git', undefined],
    ['', undefined],
  ])('%s is the repo %s', (url, repo) => {
    expect(normaliseRemote(url)).toBe(repo)
  })

  it('tells nobody what stands in it beside the host and the path, whatever signs a password has', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'s3:@!?#%&+=$ ~.'), minLength: 3, maxLength: 12 })
    const forms = [
      (word: string) => `https://${word}@github.com/acme/api.git`,
      (word: string) => `https://user:${word}@github.com/acme/api`,
      (word: string) => `https://user:${word}@github.com:443/acme/api`,
      (word: string) => `ssh://git:${word}@github.com/acme/api`,
      (word: string) => `https://github.com/acme/api.git?private_token=${word}`,
      (word: string) => `https://github.com/acme/api#${word}`,
      (word: string) => `user:${word}@github.com:acme/api`,
    ]
    fc.assert(
      fc.property(secret, fc.constantFrom(...forms), (word, form) => {
        expect(normaliseRemote(form(word))).toBe('github.com/acme/api')
      }),
    )
  })

  it('is meant by its last parts, and a local repo by its folder', () => {
    expect(reposMatching(['github.com/acme/api'], 'pi')).toEqual([])
    expect(reposMatching(['github.com/acme/api'], '')).toEqual([])
    expect(reposMatching(['api~3f2a1c'], 'API')).toEqual(['api~3f2a1c'])
    expect(reposMatching(['github.com/acme/api', 'example.org/acme/api'], 'api')).toHaveLength(2)
    const twins = ['example.org/acme/api', 'example.org/acme/API']
    expect(reposMatching(twins, 'API')).toEqual(['example.org/acme/API'])
    expect(reposMatching(twins, 'Api')).toEqual(twins)
    expect(repoLabel('github.com/acme/api')).toBe('api')
    expect(repoLabel('api~3f2a1c')).toBe('api')
  })
})

describe('a path', () => {
  const api = { machine: 'desk', repo: 'github.com/acme/api', worktree: '/src/api', cwd: '/src/api/lib' }
  const feature = { machine: 'desk', repo: 'github.com/acme/api', worktree: '/src/api-feature' }
  const laptop = { machine: 'laptop', repo: 'github.com/acme/web', worktree: '/src/web' }

  it.each([
    ['lib/a.ts', 'github.com/acme/api', 'lib/a.ts'],
    ['./lib//a.ts', 'github.com/acme/api', 'lib/a.ts'],
    ['lib\\a.ts', 'github.com/acme/api', 'lib\\a.ts'],
    ['lib/a.ts ', 'github.com/acme/api', 'lib/a.ts '],
    ['/src/api/lib\\a.ts', 'github.com/acme/api', 'lib\\a.ts'],
    ['/src/api/lib/a.ts', 'github.com/acme/api', 'lib/a.ts'],
    ['/src/api-feature/lib/a.ts', 'github.com/acme/api', 'lib/a.ts'],
    ['/src/api', 'github.com/acme/api', '**'],
    ['/src/web/a.ts', 'machine:desk', '/src/web/a.ts'],
    ['/etc/hosts', 'machine:desk', '/etc/hosts'],
    ['lib/', 'github.com/acme/api', 'lib'],
    ['conf.d/', 'github.com/acme/api', 'conf.d/**'],
  ])('%s lies in %s as %s', (written, area, path) => {
    expect(placeOf(written, api, [feature, laptop])).toEqual({ ok: true, place: { area, path } })
  })

  it.each(['lib\\a.ts', 'lib/a.ts', '.\\lib\\a.ts', 'C:\\src\\api\\lib\\a.ts', 'C:/src/api/lib/a.ts'])(
    '%s on a machine whose folders have a drive has its names between backslashes',
    written => {
      const windows = { machine: 'win', repo: 'github.com/acme/api', worktree: 'C:\\src\\api' }
      const place = { area: 'github.com/acme/api', path: 'lib/a.ts' }
      expect(placeOf(written, windows, [])).toEqual({ ok: true, place })
      if (/^C:/.test(written)) expect(placeOf(written, { machine: 'win' }, [windows])).toEqual({ ok: true, place })
    },
  )

  it('that leads out of its repo is refused', () => {
    expect(placeOf('../secrets', api, [])).toMatchObject({ ok: false })
    expect(placeOf('lib/../../x', api, [])).toMatchObject({ ok: false })
  })

  it('that is relative needs a repo or a folder to be relative to', () => {
    expect(placeOf('a.ts', { machine: 'desk' }, [])).toMatchObject({ ok: false })
    expect(placeOf('a.ts', { machine: 'desk', cwd: '/tmp/x' }, [])).toEqual({
      ok: true,
      place: { area: 'machine:desk', path: '/tmp/x/a.ts' },
    })
  })
})

describe('two claimed paths meet', () => {
  it.each([
    ['src/bus', 'src/bus/event.ts', true],
    ['src/bus', 'src/business.ts', false],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a.js', false],
    ['src/**', 'test/**', false],
    ['src/**/*.ts', 'src/bus/**', true],
    ['*.md', 'docs/*.md', false],
    ['**/*.md', 'docs/*.md', true],
    ['app/[id]/page.tsx', 'app/[id]/page.tsx', true],
    ['app/(group)/**', 'app/(group)/page.tsx', true],
    ['src/a*c', 'src/a?d', false],
    ['src/a*', 'src/*b', true],
    ['src/{a,b}/*.ts', 'src/c/*.ts', false],
    ['src/{a,b}/*.ts', 'src/b/x.ts', true],
    ['src/*', 'src/bus/x.ts', true],
    ['src/*.ts', 'src', true],
    ['.github/**', '**/*.yml', true],
    // A folder, and what lies beneath it.
    ['pkg', 'pkg/**/*.ts', true],
    ['src/**', 'src/a/b.ts', true],
    ['src/**', 'src', true],
    ['.github', '**/*.yml', true],
    ['v1.2', '**/*.md', true],
    ['src/Acme.Web', 'src/**/*.cs', true],
    ['pkg/a*', 'pkg/**/*.ts', true],
    // A file has nothing beneath it.
    ['pkg/**/*.ts', 'pkg/README.md', false],
    ['pkg/**/*.ts', 'pkg/**/*.md', false],
    ['pkg/**/*.ts', 'pkg/a/**/*.md', false],
    ['y.ts', '**/*.md', false],
    ['*.md', '*.ts', false],
    ['**/*.md', '**/*.ts', false],
    ['src/**/*.test.*', 'src/**/index.ts', false],
    ['Makefile', '**/*.ts', false],
    ['.gitignore', '**/*.ts', false],
    ['*.ts', 'src/**', false],
    ['pkg/*/**', 'pkg/README.md', false],
    ['pkg/*/**', 'pkg/a', true],
    ['conf.d/**', 'conf.d', true],
    ['pkg/*', 'pkg/README.md', true],
    ['pkg/*.ts', 'pkg/{a,b}.{ts,js}', true],
    // What looks like a file is a folder where the other one says so, or its own slash.
    ['conf.d', 'conf.d/a.md', true],
    ['conf.d', 'conf.d/*.md', true],
    ['*.d', 'conf.d/a.md', true],
    ['conf.d', '*.d/a.md', true],
    ['conf.d', '*/a.md', false],
    ['conf.d/', '*/a.md', true],
    ['v1.*', 'v1.2/a.md', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(pathsMeet(a, b)).toBe(expected)
    expect(pathsMeet(b, a)).toBe(expected)
  })

  it.each([
    ['src', 'src/a.ts', true],
    ['src/a.ts', 'src', false],
    ['src/**', 'src/a/b.ts', true],
    ['src/*', 'src/a/b.ts', true],
    ['src/**', 'src', false],
    ['**', 'src', true],
    ['conf.d', 'conf.d/x', true],
    ['pkg/**/*.ts', 'pkg/README.md', false],
    ['pkg/**/*.ts', 'pkg/tool', false],
    ['pkg/tool/x', 'pkg/tool', false],
    ['app/[id]', 'app/[id]/page.tsx', true],
    ['a{b,c}.ts', 'a{b,c}.ts', true],
    ['a{b,c}.ts', 'ab.ts', true],
    ['a{b,c}', 'a{b,c}/x.ts', true],
    ['a{b,c}/*.ts', 'a{b,c}/x.ts', true],
    ['a{b,c}/*.ts', 'a{b,c}/x.md', false],
    ['{{cookiecutter.name}}/a.py', '{{cookiecutter.name}}/a.py', true],
    ['{{a,b}}/a.py', '{{a,b}}/a.py', true],
  ])('%s covers the file %s: %s', (claim, file, expected) => {
    expect(covers(claim, file)).toBe(expected)
  })

  it('brackets and parentheses alone make no glob', () => {
    expect(isGlob('app/[id]/(group)/page.tsx')).toBe(false)
    expect(isGlob('src/{a}/x')).toBe(false)
    expect(isGlob('src/{a,b}')).toBe(true)
  })
})
