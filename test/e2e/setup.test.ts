import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { runPrint, TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard, TOOL } from './support/switchboard.ts'

vi.setConfig({ testTimeout: 90_000 })

describe('`setup claude`', () => {
  test('installs a plugin with which every session joins by itself, and leaves no trace when removed', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const run = (...args: string[]) => sandbox.exec([process.execPath, bus.program, ...args])
    const before = await traces(sandbox.home)
    expect(before).toEqual([])
    expect(await run('setup', 'claude')).toMatchObject({ code: 0, stdout: expect.stringContaining('by themselves') })
    expect(await run('setup', 'claude', '--json')).toMatchObject({ code: 0 })

    const session = await TerminalSession.start(sandbox, { permissionMode: 'manual' })
    await session.prompt(script({ tool: `${TOOL}whoami` }, { text: 'on the bus' }))
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'to an installed session')
    await bus.receipt(id, name, 'consumed')
    const [request] = sandbox.model.requestsOf(await session.sessionId()).slice(-1)
    expect(lettersIn(request!, 'to an installed session')).toHaveLength(1)
    await session.exit()

    expect(await run('setup', 'claude', '--remove')).toMatchObject({ code: 0 })
    expect(await traces(sandbox.home)).toEqual([])
    const without = await runPrint(sandbox, 'hello')
    expect(
      sandbox.model
        .requestsOf(without.sessionId)[0]!
        .tools.map(tool => tool.name)
        .join(),
    ).not.toContain('bus')
    const again = await run('setup', 'claude', '--remove')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to remove') })
  })

  test('passes the client’s own strict validation', async () => {
    await using bus = await Switchboard.create()
    for (const folder of ['plugin', 'plugin/monitor']) {
      const argv = [bus.sandbox.client, 'plugin', 'validate', join(bus.program, '../..', folder), '--strict']
      expect(await bus.sandbox.exec(argv)).toMatchObject({ code: 0 })
    }
  })

  test('says what is missing where there is no client', async () => {
    await using bus = await Switchboard.create()
    const argv = [process.execPath, bus.program, 'setup', 'claude']
    const { code, stderr } = await bus.sandbox.exec(argv, { env: { PATH: '/usr/bin:/bin' } })
    expect(code).toBe(4)
    expect(stderr).toContain('expected Claude Code')
  })
})

/** Files of the client's configuration that still name the plugin; what it writes about its sessions is history. */
async function traces(home: string): Promise<string[]> {
  const root = join(home, '.claude')
  const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of names) {
    const path = join(entry.parentPath, entry.name)
    if (/\/(projects|sessions|debug|file-history|shell-snapshots|backups|history\.jsonl)/.test(path.slice(root.length)))
      continue
    const text = entry.isFile() ? await readFile(path, 'utf8').catch(() => '') : ''
    if (path.slice(root.length).includes('switchboard') || text.includes('switchboard')) found.push(path)
  }
  const settings = await readFile(join(home, '.claude.json'), 'utf8')
  if (settings.includes('switchboard')) found.push('.claude.json')
  return found
}
