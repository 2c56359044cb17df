import { execFileSync } from 'node:child_process'
import { mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leavesOf, program } from './support/commands.ts'
import { helpOf } from './support/help.ts'
import { openShell, type Shell } from './support/shell.ts'

describe('a command in a folder of a repo', () => {
  let shell: Shell
  let below: string
  let session: { env: NodeJS.ProcessEnv; cwd: string }

  beforeAll(async () => {
    shell = await openShell()
    execFileSync('git', ['init', '--quiet', shell.folder])
    below = join(shell.folder, 'src', 'api')
    await mkdir(below, { recursive: true })
    const { credential } = await shell.json<{ credential: string }>(['register', 'backend'])
    await shell.json(['register', 'elsewhere'], { cwd: dirname(shell.folder) })
    session = { env: { SWITCHBOARD_TOKEN: credential }, cwd: below }
  })
  afterAll(() => shell.close())

  const names = async (args: readonly string[], options = {}) =>
    (await shell.json<{ sessions: { name: string }[] }>(args, options)).sessions.map(({ name }) => name).sort()

  it('lists the sessions of that repo, for the operator and for a token too', async () => {
    expect(await names(['sessions'])).toEqual(['backend', 'elsewhere'])
    expect(await names(['sessions', '--scope', 'repo'], { cwd: below })).toEqual(['backend'])
    expect(await names(['sessions', '--scope', 'machine'], { cwd: below })).toEqual(['backend', 'elsewhere'])
    const { token } = await shell.json<{ token: string }>(['token', 'create', 'ci'])
    const asToken = { cwd: below, env: { SWITCHBOARD_TOKEN: token } }
    expect(await names(['sessions', '--scope', 'repo'], asToken)).toEqual(['backend'])
  })

  it('lists those of the session’s own repo, wherever its shell is', async () => {
    expect(await names(['sessions', '--scope', 'repo'], { ...session, cwd: dirname(shell.folder) })).toEqual([
      'backend',
    ])
  })

  it('says what to do where there is no repo', async () => {
    const { code, stderr } = await shell.run(['sessions', '--scope', 'repo'], { cwd: dirname(shell.folder) })
    expect(code).toBe(2)
    expect(stderr).toContain('which is in none')
    expect(stderr).toContain('next: Ask from inside a repo')
  })

  it('takes ./ and ../ from the shell’s folder, and other relative paths from the top of the repo', async () => {
    const claimed = async (path: string) => (await shell.json<{ path: string }>(['claim', path], session)).path
    expect(await claimed('./y.ts')).toBe('src/api/y.ts')
    expect(await claimed('../z/**')).toBe('src/z/**')
    expect(await claimed('y.ts')).toBe('y.ts')
    const { claims } = await shell.json<{ claims: { path: string }[] }>(['claims', './y.ts'], session)
    expect(claims.map(({ path }) => path)).toEqual(['src/api/y.ts'])
    expect(await shell.json(['release', './y.ts'], session)).toMatchObject({ path: 'src/api/y.ts' })
  })

  it('releases and lists claims of a repo by its name or a part of it, from anywhere', async () => {
    const { claims: before } = await shell.json<{ claims: object[] }>(['claims'])
    const { repo } = await shell.json<{ repo: string }>(['claim', './far.ts'], session)
    const [far, elsewhere] = ['src/api/far.ts', { cwd: dirname(shell.folder) }]
    await shell.json(['claim', `${dirname(shell.folder)}/alone.ts`], elsewhere)
    const part = repo.slice(0, repo.indexOf('~'))
    for (const named of [repo, part]) {
      const { claims } = await shell.json<{ claims: { path: string; repo: string }[] }>(['claims', '--repo', named])
      expect(claims.map(each => each.path)).toContain(far)
      expect(new Set(claims.map(each => each.repo))).toEqual(new Set([repo]))
      const one = await shell.json<{ claims: { path: string }[] }>(['claims', far, '--repo', named], elsewhere)
      expect(one.claims.map(each => each.path)).toEqual([far])
    }
    const wrong = await shell.here(['release', far, '--repo', `${part}x`], elsewhere)
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/`--repo`: no repository is called .*\nnext: Did you mean /),
    })
    expect(await shell.json(['release', far, '--repo', part], elsewhere)).toMatchObject({ path: far, repo })
    const alone = `${await realpath(dirname(shell.folder))}/alone.ts`
    const { claims } = await shell.json<{ claims: { path: string; repo: string }[] }>(['claims'])
    const { repo: machine } = claims.find(({ path }) => path === alone)!
    expect(machine).toMatch(/^machine:/)
    expect(await shell.json(['release', alone, '--repo', machine])).toMatchObject({ path: alone, repo: machine })
    expect((await shell.json<{ claims: object[] }>(['claims'])).claims).toHaveLength(before.length)
  })

  it.each(['claim x.ts', 'claim ./x.ts', 'claim ../x.ts', 'set-state k @x.json'])(
    'takes no relative path in a folder that is deleted: %s',
    async words => {
      const { code, stderr } = await shell.line(
        `echo 1 > x.json; mkdir gone && cd gone && rmdir "$PWD" && switchboard ${words}`,
      )
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("the shell's folder is deleted") })
      const whole = await shell.line('mkdir gone && cd gone && rmdir "$PWD" && switchboard claim /somewhere/x.ts')
      expect(whole).toMatchObject({ code: 0, stderr: '' })
    },
  )

  it('says so in the help', async () => {
    for (const command of ['claim', 'release', 'claims'])
      expect(await helpOf(command)).toContain('begins with ./ or ../')
  })
})

describe('with a credential of a publish-only token', () => {
  let shell: Shell
  let session: { env: NodeJS.ProcessEnv }
  beforeAll(async () => {
    shell = await openShell()
    execFileSync('git', ['init', '--quiet', shell.folder])
    const { token } = await shell.json<{ token: string }>(['token', 'create', 'one', '--scopes', 'publish'])
    const asToken = { env: { SWITCHBOARD_TOKEN: token } }
    const { credential } = await shell.json<{ credential: string }>(['register', 'writer'], asToken)
    session = { env: { SWITCHBOARD_TOKEN: credential } }
  })
  afterAll(() => shell.close())

  it('claims and releases by a path of the shell’s folder', async () => {
    const path = 'src/zz'
    expect(await shell.json(['claim', path], session)).toMatchObject({ path })
    expect(await shell.json(['release', path], session)).toMatchObject({ path })
    expect((await shell.json<{ path: string }>(['claim', `${shell.folder}/a.ts`], session)).path).toBe('a.ts')
  })

  it.each(leavesOf(program).map(({ words }) => words.join(' ')))('a refusal of "%s" names it', async words => {
    if (/^(?:hub|mcp|monitor|rewake|watch|stop|doctor|setup|completion)$/.test(words)) return
    const argv = [
      ...words.split(' '),
      ...(/^(?:show|ack|continue|message-status|release-held)/.test(words) ? ['1'] : []),
    ]
    const { code, stderr } = await shell.here(argv, { ...session, program: './swb' })
    if (code !== 5 || !stderr.includes('needs the scope')) return
    expect(stderr).toMatch(`error: \`./swb ${words}\` needs the scope `)
    expect(stderr).toContain('next: Use a credential')
  })

  it.each(['show 1', 'whoami', 'sessions', 'ps', 'token list', 'start'])('%s is refused for its scope', async words => {
    const { code, stderr } = await shell.here(words.split(' '), session)
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringMatching(/needs the scope (?:read|admin)/) })
    const { error } = JSON.parse((await shell.here([...words.split(' '), '--json'], session)).stderr)
    expect(error.message).toMatch(`\`switchboard ${words.replace(' 1', '')}\` needs`)
  })
})
