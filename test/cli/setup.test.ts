import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claudeClient } from '../../src/transports/cli/commands/setup/claude-client.ts'
import { openShell, type Shell } from './support/shell.ts'

interface Doctor {
  ok: boolean
  checks: { name: string; state: string; found: string; mend?: string }[]
}

let shell: Shell
beforeEach(async () => {
  shell = await openShell()
})
afterEach(() => shell.close())

/** A client that answers as told; the real one is at work in test/e2e/setup.test.ts. */
async function fakeClient(script: string): Promise<string> {
  const folder = join(shell.folder, 'bin')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'claude'), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, 'claude'), 0o755)
  return folder
}

describe('`setup claude`', () => {
  it('says what a client refuses, and what to do next', async () => {
    const folder = await fakeClient('[ "$2" = list ] && echo "[]" && exit; echo "plugins are switched off" >&2; exit 1')
    const { code, stderr } = await shell.run(['setup', 'claude', '--claude', join(folder, 'claude')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/refused `claude plugin marketplace add .*plugin`: plugins are switched off/)
    expect(stderr).toContain('claude mcp add switchboard')
  })

  it('names a client that answers in another way than expected', async () => {
    const folder = await fakeClient('echo usage')
    const { code, stderr } = await shell.run(['setup', 'claude', '--check', '--claude', join(folder, 'claude')])
    expect(code).toBe(1)
    expect(stderr).toContain('Update Claude Code')
  })

  it('ends a client that hangs and does not heed being asked to end, and says what hung', async () => {
    const folder = await fakeClient('trap "" TERM; while :; do sleep 0.01; done')
    const { signal } = new AbortController()
    const client = claudeClient({ program: join(folder, 'claude'), env: process.env, signal, stepMs: 200 })
    await expect(client.run(['plugin', 'list'])).rejects.toMatchObject({
      code: 'timed_out',
      message: '`claude plugin list` did not end within 0.2 s',
    })
  })

  it('refuses what it does not know', async () => {
    const folder = await fakeClient('echo "[]"')
    const client = ['--claude', join(folder, 'claude')]
    for (const args of [['codex'], [], ['claude', '--scope', 'world'], ['claude', '--check', '--remove']]) {
      expect((await shell.run(['setup', ...args, ...client])).code).toBe(2)
    }
    expect((await shell.run(['setup', 'claude', '--claude', '/nowhere/claude'])).code).toBe(4)
  })

  it('is the first thing that `start` offers', async () => {
    const { next } = await shell.json<{ next: { command: string }[] }>(['start'])
    expect(next.map(({ command }) => command).slice(0, 2)).toEqual([
      expect.stringMatching(/ setup claude$/),
      expect.stringContaining('claude mcp add'),
    ])
  })
})

describe('`doctor`', () => {
  const check = async (name: string, env: NodeJS.ProcessEnv = {}) =>
    (await shell.json<Doctor>(['doctor'], { env })).checks.find(each => each.name === name)

  it('says that the plugin is missing or disabled, and how to install it', async () => {
    const client = (list: string) => fakeClient(`[ "$1" = --version ] && echo "9.9.9 (Claude Code)" || echo '${list}'`)
    const folder = await client('[]')
    const env = { PATH: `${folder}${delimiter}${process.env.PATH}` }
    expect(await check('plugin', env)).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('not installed'),
      mend: expect.stringContaining('switchboard setup claude'),
    })
    const one = { id: 'switchboard@switchboard', scope: 'user', version: '0.1.0' }
    await client(JSON.stringify([{ ...one, enabled: false }]))
    expect(await check('plugin', env)).toMatchObject({ state: 'warn', found: expect.stringContaining('disabled') })
    await client(JSON.stringify([{ ...one, enabled: true }]))
    expect(await check('plugin', env)).toMatchObject({ state: 'ok', found: expect.stringContaining('scope user') })
    await client(JSON.stringify([{ ...one, enabled: true, readFromFolder: '/elsewhere/plugin' }]))
    expect(await check('plugin', env)).toMatchObject({ state: 'warn', found: expect.stringContaining('/elsewhere') })
  })

  it('says which doorbell routes wake sessions, and which were rung in vain', async () => {
    expect(await check('doorbell')).toBeUndefined()
    const keep = (routes: object) =>
      writeFile(join(shell.home, 'doorbell.json'), JSON.stringify({ '2.1.329': routes }), { mode: 0o600 })
    const now = new Date().toISOString()
    await keep({ 'inbox socket': { degraded: now }, rewake: { works: now } })
    expect(await check('doorbell')).toMatchObject({
      state: 'ok',
      found: `client 2.1.329: inbox socket rang in vain (${now}), rewake works (${now})`,
    })
    await keep({ 'inbox socket': { degraded: now } })
    expect(await check('doorbell')).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('switchboard-monitor'),
    })
  })
})
