import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SESSION_SETTINGS } from '../../src/home/session-settings.ts'
import { git } from '../../src/transports/cli/commands/doctor/programs.ts'
import { openShell, type Shell } from './support/shell.ts'

interface Found {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly state: string; readonly found: string }[]
}

describe('`doctor`', () => {
  let shell: Shell
  beforeEach(async () => {
    shell = await openShell()
  })
  afterEach(() => shell.close())
  const config = async (text: string) => {
    await mkdir(shell.home, { recursive: true, mode: 0o700 })
    await writeFile(join(shell.home, 'config.toml'), text)
  }

  it('finds everything well in a new home', async () => {
    const { code, stdout } = await shell.run(['doctor', '--json'])
    const { ok, checks } = JSON.parse(stdout) as Found
    expect({ code, ok, failed: checks.filter(({ state }) => state === 'fail') }).toEqual({
      code: 0,
      ok: true,
      failed: [],
    })
    const names = checks.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        'node',
        'config',
        'hub',
        'versions',
        'store',
        'stream',
        'delivery',
        'home',
        'socket',
        'tmux',
      ]),
    )
    const { stdout: human } = await shell.run(['doctor'])
    expect(human.trim().split('\n')).toHaveLength(checks.length)
    expect(human).toMatch(/^ok {4}node/)
  })

  it('finds the store durable', async () => {
    const { checks } = await shell.json<{ checks: { name: string; found: string }[] }>(['doctor'])
    const store = checks.find(({ name }) => name === 'store')
    expect(store?.found).toMatch(/^SQLite \d+\.\d+\.\d+, journal_mode wal, synchronous full, intact/)
  })

  it.each([
    { file: 'credential', line: 'files', mode: 0o644 },
    { file: 'hub.sock', line: 'socket', mode: 0o666 },
    { file: 'hub.log', line: 'files', mode: 0o640 },
    { file: 'hub.json', line: 'files', mode: 0o604 },
  ])('finds $file open to others, and says how to mend it', async ({ file, line, mode }) => {
    await shell.json(['whoami'])
    const path = join(shell.home, file)
    await chmod(path, mode)
    const { code, stdout } = await shell.run(['doctor'])
    await chmod(path, 0o600)
    expect(code).toBe(1)
    const fault = `${file} has mode ${mode.toString(8)} and is open to other users`
    expect(stdout).toMatch(new RegExp(`^fail {2}${line} .*${fault}.*chmod 600 .*${file}`, 'm'))
  })

  it.each([
    ['is a file', () => join(shell.folder, 'file')],
    ['has a name that is too long', () => join(shell.folder, 'x'.repeat(300))],
    ['has a path that is too long', () => join(shell.folder, 'x/'.repeat(3_000))],
    ['is below a file', () => join(shell.folder, 'file', 'home')],
  ])('looks at everything else where the home %s', async (_, home) => {
    await writeFile(join(shell.folder, 'file'), '')
    const env = { SWITCHBOARD_HOME: home(), PATH: '' }
    const { code, stdout, stderr } = await shell.here(['doctor', '--json'], { env })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const { checks } = JSON.parse(stdout) as Found
    expect(checks.find(({ name }) => name === 'hub')).toMatchObject({ state: 'fail' })
    expect(checks.find(({ name }) => name === 'home')).toMatchObject({ state: 'fail' })
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'tmux', 'claude code']))
  })

  it('looks at the sockets by which sessions are woken', async () => {
    await shell.json(['whoami'])
    const path = join(shell.home, 'b4711')
    const server = createServer().listen(path)
    await once(server, 'listening')
    for (const [mode, state] of [
      [0o777, 'fail'],
      [0o600, 'ok'],
    ] as const) {
      await chmod(path, mode)
      const { checks } = JSON.parse((await shell.run(['doctor', '--json'])).stdout) as Found
      expect(checks.find(({ name }) => name === 'wake')).toMatchObject({ state, found: expect.stringContaining(path) })
    }
    server.close()
  })

  it('says aloud that another program holds the configured port, as does `status`', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const env = { SWITCHBOARD_PORT: String(port) }
    const { code, stdout } = await shell.run(['doctor'], { env })
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^fail {2}port .*Another program holds port ${port}.*config\\.toml`, 'm'))
    expect((await shell.run(['status'])).stdout).toMatch(new RegExp(`^port .*Another program holds port ${port}`, 'm'))
    const { hub } = await shell.json<{ hub: { url: string; taken_port: number } }>(['status'])
    expect(hub).toMatchObject({ taken_port: port, url: expect.not.stringContaining(`:${port}`) })
    expect(await readFile(join(shell.home, 'hub.log'), 'utf8')).toMatch(
      /"level":40,.*another program holds the configured port/,
    )
    await shell.run(['stop'])
    other.close()
    await once(other, 'close')
    expect((await shell.run(['doctor'], { env })).stdout).toMatch(new RegExp(`^ok {4}port .*:${port}$`, 'm'))
  })

  it('shows where the configuration is no TOML, as does every command', async () => {
    await config('[hub]\nport = = 1\n')
    const place = /line 2, column 8: Invalid TOML document.*\n {2,4}2 \| port = = 1\n {13,15}\^$/m
    expect((await shell.here(['doctor'])).stdout).toMatch(place)
    expect((await shell.here(['whoami'])).stderr).toMatch(place)
  })

  it.each([
    { written: 'talk', state: 'ok', found: 'talk' },
    { written: 'tlak', state: 'fail', found: 'SWITCHBOARD_TOOLSETS: expected some of talk, state, claims, got "tlak"' },
  ])('looks at the toolsets of sessions that start here: $written', async ({ written, state, found }) => {
    const { stdout } = await shell.here(['doctor', '--json'], { env: { SWITCHBOARD_TOOLSETS: written } })
    const { checks } = JSON.parse(stdout) as Found
    expect(checks.find(({ name }) => name === 'toolsets')).toMatchObject({ state, found })
  })

  it.each(['read', 'publish', 'terminal', 'read,publish'])(
    'leaves out what a token of the scope %s may not look at',
    async scopes => {
      const { token } = await shell.json<{ token: string }>(['token', 'create', 'one', '--scopes', scopes])
      const { code, stdout } = await shell.here(['doctor', '--json'], { env: { SWITCHBOARD_TOKEN: token } })
      const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; mend?: string }[] }
      expect({ code, failed: checks.filter(({ state }) => state === 'fail') }).toEqual({ code: 0, failed: [] })
      const name = scopes.includes('read') ? 'store' : 'hub'
      expect(checks.find(each => each.name === name)).toMatchObject({
        state: 'warn',
        mend: expect.stringContaining('It was left out'),
      })
    },
  )

  it.each([
    ['exit 3', '`git --version` failed: 3'],
    ['kill -9 $$', '`git --version` failed: SIGKILL'],
    ['echo hello', '`git --version` named no version'],
    ['exec sleep 30', '`git --version` did not end within 0.5 s'],
  ])('tells a git that is not there from one that does not work: %s', async (script, found) => {
    await writeFile(join(shell.folder, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const check = await git({ PATH: `${shell.folder}:${process.env.PATH}` }, 500)
    expect(check).toMatchObject({ state: 'warn', found, mend: expect.stringMatching(/^Run it by hand/) })
  })

  it('has a check for each setting with which a session would stay off the bus', async () => {
    for (const { name, variable } of SESSION_SETTINGS) {
      const { stdout } = await shell.here(['doctor', '--json'], { env: { [variable]: 'no-such' } })
      const { checks } = JSON.parse(stdout) as Found
      expect(checks.filter(each => each.state === 'fail').map(each => each.name)).toEqual([name])
      expect(checks.find(each => each.name === name)?.found).toContain(variable)
    }
  })

  it('refuses a configuration that is not UTF-8, and says where', async () => {
    await mkdir(shell.home, { recursive: true, mode: 0o700 })
    const text = Buffer.concat([Buffer.from('[claims.repos]\n"caf'), Buffer.from([0xe9]), Buffer.from('" = "deny"\n')])
    await writeFile(join(shell.home, 'config.toml'), text)
    const said = 'config.toml, line 2: expected text in UTF-8, got other bytes'
    expect((await shell.here(['doctor'])).stdout).toMatch(new RegExp(`^fail {2}config .*${said}`, 'm'))
    expect((await shell.here(['whoami'])).stderr).toContain(said)
  })

  it('says what is missing without git', async () => {
    const { stdout } = await shell.here(['doctor'], { env: { PATH: shell.folder } })
    expect(stdout).toMatch(/^warn {2}git {9}not found on the PATH {2}→ Install it: /m)
    expect((await shell.here(['doctor'])).stdout).toMatch(/^ok {4}git {9}\d/m)
  })

  it('finds a configuration with which the next hub cannot start, while one runs', async () => {
    await shell.json(['whoami'])
    await config('[hub]\nprot = 1\n')
    const { code, stdout } = await shell.run(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^fail {2}config .*config\.toml \[hub\]: expected one of port, got prot .*Did you mean port\?/m,
    )
    expect(stdout).toMatch(/^ok {4}hub /m)
  })

  it.each([
    {
      what: 'a configuration that is no TOML',
      reason: /config\.toml, line 1, column 5: Invalid TOML document/,
      spoil: () => config('x = = 1'),
    },
    {
      what: 'a store that is none',
      reason: /store\.db, got something else: file is not a database/,
      spoil: async () => {
        await mkdir(shell.home, { mode: 0o700 })
        await writeFile(join(shell.home, 'store.db'), 'x'.repeat(20_000))
      },
    },
    {
      what: 'a folder where the store should be',
      reason: /store\.db, got a folder/,
      spoil: async () => void (await mkdir(join(shell.home, 'store.db'), { recursive: true })),
    },
  ])('says why no hub can start, and so does every command at once: $what', async ({ reason, spoil }) => {
    await spoil()
    const { code, stdout } = await shell.run(['doctor', '--timeout', '60'])
    expect(code).toBe(1)
    const line = /^fail {2}hub .*$/m.exec(stdout)?.[0]
    expect(line).toMatch(/the hub cannot start: /)
    expect(line).toMatch(reason)
    expect(line).not.toContain('switchboard doctor')
    // Neither waits for its deadline.
    const ran = await shell.run(['whoami', '--timeout', '60'])
    expect(ran.code).toBe(6)
    expect(ran.stderr).toMatch(/^error: the hub cannot start: /)
    expect(ran.stderr).toMatch(reason)
    expect(ran.stderr).toContain(join(shell.home, 'hub.log'))
  })
})
