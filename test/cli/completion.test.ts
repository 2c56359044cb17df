import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShell, type Shell } from './support/shell.ts'

describe('completion', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    await shell.json(['register', 'backend', '--topics', 'ci'])
    await shell.json(['set-state', 'api/url', 'x'])
  })
  afterAll(() => shell.close())

  /** What a shell is offered for the last word. */
  const offered = async (...words: string[]) => {
    const { code, stdout, stderr } = await shell.run(['complete', '--', ...words])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.pop()).toMatch(/^:\d+$/)
    return lines.map(line => line.split('\t')[0])
  }

  it.each(['bash', 'zsh', 'fish', 'powershell'])('has a script for %s', async name => {
    const { code, stdout } = await shell.run(['completion', name])
    expect(code).toBe(0)
    expect(stdout).toContain('switchboard')
    expect(stdout).toContain('complete')
  })

  it('has a script that bash can read and that offers commands', async () => {
    const file = join(shell.folder, 'completion.bash')
    await writeFile(file, (await shell.run(['completion', 'bash'])).stdout)
    execFileSync('bash', ['-n', file])
  })

  it('offers commands, their other names and those within groups', async () => {
    expect(await offered('pub')).toEqual(['publish'])
    expect(await offered('se')).toEqual(expect.arrayContaining(['sessions', 'send', 'set-state']))
    expect(await offered('token', '')).toEqual(['create', 'list', 'revoke'])
    expect(await offered('')).not.toContain('complete')
  })

  it('offers options and their values', async () => {
    expect(await offered('inbox', '--')).toEqual(expect.arrayContaining(['--limit', '--peek', '--json']))
    expect(await offered('publish', 'x', '--level', '')).toEqual(['lifecycle', 'info', 'actionable'])
    expect(await offered('events', '--min-level', 'a')).toEqual(['actionable'])
    expect(await offered('completion', 'z')).toEqual(['zsh'])
  })

  it('offers what is on the bus: sessions, channels, topics, keys', async () => {
    expect(await offered('publish', 'hi', '--to', '')).toEqual(
      expect.arrayContaining(['backend', 'all', 'operator', 'topic:ci']),
    )
    expect(await offered('send', 'hi', '--to', 'b')).toEqual(['backend'])
    expect(await offered('get-state', '')).toEqual(['api/url'])
    expect(await offered('state', 'get', '')).toEqual(['api/url'])
    expect(await offered('register', '--topics', '')).toEqual(['ci'])
  })

  it('starts no hub, and works without one', async () => {
    await shell.json(['stop'])
    expect(await offered('publish', 'hi', '--to', '')).toEqual(['all', 'operator'])
    expect((await shell.run(['status'])).code).toBe(6)
  })
})
