import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runPrint, TerminalSession } from './harness/client.ts'
import { CLIENT_VERSION, OLDER_CLIENTS } from './harness/fetch-client.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard, TOOL } from './support/switchboard.ts'

const VERSIONS = [CLIENT_VERSION, ...OLDER_CLIENTS]

describe('`setup claude`', () => {
  test('installs a plugin with which every session joins by itself, and leaves no trace when removed', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const run = setupIn(bus)
    expect(await traces(sandbox.home)).toEqual([])
    expect(await run('--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('installs it') })
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('by themselves') })
    expect(await run('--check')).toMatchObject({ code: 0, stdout: expect.stringContaining('loads') })

    // Print mode: a session of its own, on the bus before its first prompt.
    const whoami = script({ tool: `${TOOL}whoami`, held: true }, { text: 'on the bus' })
    const printed = runPrint(sandbox, whoami, { permissionMode: 'manual' })
    // The client waits for no server of its tools before it asks the model.
    await bus.session()
    await sandbox.model.release()
    const print = await printed
    const { sessions } = await bus.operator.call('list_sessions', { include_gone: true })
    expect(sessions).toMatchObject([{ agent: 'claude-code', worktree: sandbox.project }])
    expect(sandbox.model.textSeenBy(print.sessionId)).toContain(sessions[0]!.id)

    const session = await TerminalSession.start(sandbox, { permissionMode: 'manual' })
    await session.prompt(script({ tool: `${TOOL}whoami` }, { text: 'on the bus' }))
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'to an installed session')
    await bus.receipt(id, name, 'consumed')
    const [request] = sandbox.model.requestsOf(await session.sessionId()).slice(-1)
    expect(lettersIn(request!, 'to an installed session')).toHaveLength(1)
    await session.exit()

    const removal = await run('--remove', '--json')
    expect(removal.code).toBe(0)
    expect(await traces(sandbox.home)).toEqual([])
    const { kept } = JSON.parse(removal.stdout) as { kept: { path: string }[] }
    const naming = await filesNaming(sandbox.home)
    expect(naming.length).toBeGreaterThan(0)
    expect(naming.filter(path => !kept.some(each => path.startsWith(each.path)))).toEqual([])
    const without = await runPrint(sandbox, 'hello')
    const [first] = sandbox.model.requestsOf(without.sessionId)
    expect(first!.tools.map(tool => tool.name).join()).not.toContain('switchboard')
    expect(await run('--remove')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to remove') })
    expect(await run()).toMatchObject({ code: 0 })
    expect(await run('--check')).toMatchObject({ code: 0, stdout: expect.stringContaining('loads') })
  })

  test('changes nothing the second time, and mends what was disabled or points elsewhere', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const run = setupIn(bus)
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ changed: true, was: 'absent' })
    const before = await contents(sandbox.home)
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to change') })
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ changed: false, was: 'enabled' })
    expect(await contents(sandbox.home)).toEqual(before)

    const claude = (...args: string[]) => sandbox.exec([sandbox.client, 'plugin', ...args])
    expect(await claude('disable', 'switchboard@switchboard')).toMatchObject({ code: 0 })
    expect(await run('--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('disabled') })
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ changed: true, was: 'disabled' })
    expect(await run('--check')).toMatchObject({ code: 0 })

    const elsewhere = join(sandbox.root, 'elsewhere')
    await cp(await copyOf(bus), elsewhere, { recursive: true })
    expect(await claude('marketplace', 'add', elsewhere)).toMatchObject({ code: 0 })
    expect((await run()).stdout).toContain(`from ${elsewhere}`)
    expect((await run('--check')).stdout).not.toContain(elsewhere)
    expect(await claude('install', 'switchboard-monitor@switchboard')).toMatchObject({ code: 0 })
    // Every scope is taken out, whichever it was put into.
    expect(await run('--scope', 'project')).toMatchObject({ code: 0 })
    expect(await run('--remove')).toMatchObject({ code: 0 })
    expect(await traces(sandbox.home)).toEqual([])
    expect(await readFile(join(sandbox.project, '.claude/settings.json'), 'utf8')).not.toContain('switchboard')
  })

  test('says where the client does not load what it has installed, mends it, and can take it out', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const run = setupIn(bus)
    const elsewhere = join(sandbox.root, 'elsewhere')
    const claude = (...args: string[]) => sandbox.exec([sandbox.client, 'plugin', ...args])
    await run()
    const copy = await copyOf(bus)
    const moveAway = async () => {
      await cp(copy, elsewhere, { recursive: true })
      expect(await claude('marketplace', 'add', elsewhere)).toMatchObject({ code: 0 })
      expect(await claude('install', 'switchboard@switchboard')).toMatchObject({ code: 0 })
      expect((await run('--check')).code).toBe(0)
      await rm(elsewhere, { recursive: true })
      expect(await run('--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('does not load') })
    }
    await moveAway()
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('does not load') })
    expect((await run('--check')).code).toBe(0)
    await moveAway()
    expect(await run('--remove')).toMatchObject({ code: 0 })
    expect(await traces(sandbox.home)).toEqual([])
  })

  test.each(VERSIONS)(
    'gives sessions of client %s its home, and their shells, until it is run with another',
    async version => {
      await using bus = await Switchboard.create({ version })
      const { sandbox } = bus
      const inBus = `${sandbox.root}/bus`
      expect(await setupIn(bus)()).toMatchObject({ code: 0, stdout: expect.stringContaining(`the home ${inBus}`) })
      expect(await homeOfSession(bus, { SWITCHBOARD_HOME: '' })).toBe(inBus)
      expect(await bus.sessions()).toMatchObject([{ agent: 'claude-code' }])
      if (version !== CLIENT_VERSION) return

      const other = await sandbox.addFolder(`it's "another" $HOME`, 0o700)
      // What the client's own environment names goes before it.
      expect(await homeOfSession(bus, { SWITCHBOARD_HOME: other })).toBe(other)
      expect(await setupIn(bus, { SWITCHBOARD_HOME: other })()).toMatchObject({ code: 0 })
      expect(await homeOfSession(bus, { SWITCHBOARD_HOME: '' })).toBe(other)
      const usual = setupIn(bus, { SWITCHBOARD_HOME: '' })
      expect(await usual()).toMatchObject({ code: 0 })
      expect(await homeOfSession(bus, { SWITCHBOARD_HOME: '' })).toBe('')
      expect(await usual()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to change') })
      expect(await usual('--remove')).toMatchObject({ code: 0 })
      expect(await traces(sandbox.home)).toEqual([])
    },
  )

  test('passes the client’s own strict validation', async () => {
    await using bus = await Switchboard.create()
    for (const folder of ['.', 'plugin/monitor']) {
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

function setupIn({ sandbox, program }: Switchboard, env: Record<string, string> = {}) {
  return (...args: string[]) => sandbox.exec([process.execPath, program, 'setup', 'claude', ...args], { env })
}

/** The home that the shell of a new session is told, in which it is the same session as for its tools. */
async function homeOfSession({ sandbox }: Switchboard, env: Record<string, string>): Promise<string | undefined> {
  const command = 'switchboard whoami --json; printf "home=<%s>" "$SWITCHBOARD_HOME"'
  const prompt = script({ tool: 'Bash', input: { command } }, { tool: `${TOOL}whoami` }, { text: 'done' })
  const { sessionId } = await runPrint(sandbox, prompt, { permissionMode: 'manual', allowedTools: ['Bash'], env })
  const seen = sandbox.model.textSeenBy(sessionId)
  const ids = new Set([...seen.matchAll(/"id": ?"(ses_\w+)"/g)].map(([, id]) => id))
  expect(ids.size).toBe(1)
  return [...seen.matchAll(/home=<(.*?)>/g)].at(-1)?.[1]
}

/** What `setup` gives the client to read. */
async function copyOf({ sandbox }: Switchboard): Promise<string> {
  const folder = join(sandbox.root, 'bus', 'plugin')
  const [name] = await readdir(folder)
  return join(folder, name!)
}

/** What the client writes about its sessions is history, not configuration. */
const HISTORY = /^\.claude\/(projects|sessions|debug|file-history|shell-snapshots|backups|history\.jsonl)/

/** Since 2.1.330 or so the client keeps in .claude.json which plugins were taken out. */
const DECLINED = /"declinedPlugins": \[[^\]]*\]/

/** Every file of the client's configuration, by its path below HOME. */
async function contents(home: string): Promise<Record<string, string>> {
  const entries = await readdir(join(home, '.claude'), { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const all: Record<string, string> = {}
  for (const path of [join(home, '.claude.json'), ...files]) {
    const name = relative(home, path)
    if (!HISTORY.test(name)) all[name] = (await readFile(path, 'utf8')).replace(DECLINED, '')
  }
  return all
}

/** What still names the plugin: folders, files, or something in one, but for the client's own note that it was taken out. */
async function traces(home: string): Promise<string[]> {
  const folders = await readdir(join(home, '.claude'), { recursive: true }).catch(() => [])
  const named = folders
    .map(each => join('.claude', each))
    .filter(each => !HISTORY.test(each) && /switchboard/.test(each))
  const telling = Object.entries(await contents(home)).filter(([, text]) =>
    text.replace(/"declinedPlugins": \[[^\]]*\]/, '').includes('switchboard'),
  )
  return [...named, ...telling.map(([name]) => name)]
}

/** Every file below HOME that names the plugin's server or its marketplace, history and all. */
async function filesNaming(home: string): Promise<string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map(async path => ({ path, text: await readFile(path, 'latin1') })))
  return texts.filter(({ text }) => text.includes('switchboard')).map(({ path }) => path)
}
