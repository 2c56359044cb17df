import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { helpOf } from './support/help.ts'
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
    expect(stdout).toContain('swb')
  })

  it('says of each command what the list in the help says', async () => {
    for (const [path, names] of [
      ['', ['set-state', 'publish', 'say', 'stop']],
      ['state', ['set', 'get']],
    ] as const) {
      const { stdout } = await shell.run(['complete', '--', ...(path === '' ? [] : [path]), ''])
      const said = new Map(stdout.split('\n').map(line => line.split('\t') as [string, string]))
      const list = (await helpOf(path)).replaceAll(/\n {20,}/g, ' ')
      for (const name of names) {
        expect(said.get(name), name).toBeTruthy()
        expect(list).toContain(`  ${said.get(name)}`)
      }
    }
    const { stdout } = await shell.run(['complete', '--', 'publish', 'x', '--to', 'topic:'])
    expect(stdout).toContain('topic:ci\t1 follower\n')
  })

  /** What a plain bash offers for a line, its cursor at the end: the words cut as bash cuts them. */
  const bashOffers = async (words: string[], line = words.join(' ')) => {
    const script = `
      eval "$(switchboard completion bash)"; eval "$(switchboard completion bash)"
      swb() { switchboard "$@"; }
      mapfile -t COMP_WORDS < words; COMP_LINE=$LINE; COMP_POINT=\${#COMP_LINE}; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      set -u; read -r _ _ handler _ <<< "$(complete -p "\${COMP_WORDS[0]}")"
      "$handler"; (( \${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "\${COMPREPLY[@]}"`
    await writeFile(join(shell.folder, 'words'), words.map(word => `${word}\n`).join(''))
    const { code, stdout, stderr } = await shell.line(script, { env: { LINE: line } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout.split('\n').filter(Boolean)
  }

  it('works in a bash without any package, for both names, however often it is read', async () => {
    for (const name of ['switchboard', 'swb']) {
      expect(await bashOffers([name, 'pub'])).toEqual(['publish'])
      expect(await bashOffers([name, 'token', ''])).toEqual(['create', 'list', 'narrow', 'revoke'])
    }
  })

  it('completes in bash what bash cuts at colons and equal signs', async () => {
    const line = ['switchboard', 'publish', '"two words"', '--to']
    expect(await bashOffers([...line, 'topic', ':', 'c'], `${line.join(' ')} topic:c`)).toEqual(['ci'])
    expect(await bashOffers([...line, 'topic', ':'], `${line.join(' ')} topic:`)).toEqual(['ci'])
    expect(await bashOffers([...line, '"b'])).toEqual(['backend'])
    const level = 'switchboard publish x --level=a'
    expect(await bashOffers(['switchboard', 'publish', 'x', '--level', '=', 'a'], level)).toEqual(['actionable'])
  })

  it('runs nothing of what stands in the line', async () => {
    expect(await bashOffers(['switchboard', 'publish', '$(touch ran)', '--level', 'a'])).toEqual(['actionable'])
    await expect(stat(join(shell.folder, 'ran'))).rejects.toThrow('ENOENT')
  })

  it('offers commands, their other names and those within groups', async () => {
    expect(await offered('pub')).toEqual(['publish'])
    expect(await offered('se')).toEqual(expect.arrayContaining(['sessions', 'send', 'set-state']))
    expect(await offered('token', '')).toEqual(['create', 'list', 'narrow', 'revoke'])
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
