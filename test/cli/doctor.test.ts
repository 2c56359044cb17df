import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShell, type Shell } from './support/shell.ts'

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
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean
      checks: { name: string; state: string; found: string }[]
    }
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

  it('finds what others could read, and says how to mend it', async () => {
    await shell.json(['whoami'])
    await chmod(join(shell.home, 'credential'), 0o644)
    const { code, stdout } = await shell.run(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fail {2}files .*credential has mode 644 .*chmod 600/m)
  })

  it('finds a socket that others could use, and says how to mend it', async () => {
    await shell.json(['whoami'])
    await chmod(join(shell.home, 'hub.sock'), 0o666)
    const { code, stdout } = await shell.run(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fail {2}socket .*hub\.sock has mode 666 .*chmod 600/m)
  })

  it('finds a configuration with which the next hub can not start, while one runs', async () => {
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
    { what: 'a configuration that is no TOML', reason: /Invalid TOML document/, spoil: () => config('x = = 1') },
    {
      what: 'a store that is none',
      reason: /the store can not be read or written: file is not a database/,
      spoil: async () => {
        await mkdir(shell.home, { mode: 0o700 })
        await writeFile(join(shell.home, 'store.db'), 'x'.repeat(20_000))
      },
    },
    {
      what: 'a folder where the store should be',
      reason: /EISDIR/,
      spoil: async () => void (await mkdir(join(shell.home, 'store.db'), { recursive: true })),
    },
  ])('says why no hub can start, and so does every command at once: $what', async ({ reason, spoil }) => {
    await spoil()
    const { code, stdout } = await shell.run(['doctor', '--timeout', '60'])
    expect(code).toBe(1)
    const line = /^fail {2}hub .*$/m.exec(stdout)?.[0]
    expect(line).toMatch(/the hub can not start: /)
    expect(line).toMatch(reason)
    expect(line).not.toContain('switchboard doctor')
    // Neither waits for its deadline.
    const ran = await shell.run(['whoami', '--timeout', '60'])
    expect(ran.code).toBe(6)
    expect(ran.stderr).toMatch(/^error: the hub can not start: /)
    expect(ran.stderr).toMatch(reason)
    expect(ran.stderr).toContain(join(shell.home, 'hub.log'))
  })
})
