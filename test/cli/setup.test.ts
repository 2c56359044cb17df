import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { homePaths } from '../../src/home/paths.ts'
import { claudeClient } from '../../src/transports/cli/commands/setup/claude-client.ts'
import { MIN_CLIENT } from '../../src/transports/cli/commands/setup/client-version.ts'
import { copyPlace } from '../../src/transports/cli/commands/setup/plugin-copy.ts'
import { ioOf } from '../../src/transports/cli/io.ts'
import { openShell, type Shell } from './support/shell.ts'
import { type Answers, DISABLED, loadedFrom, NOT_LOADED, StandInClient } from './support/stand-in-client.ts'

interface Doctor {
  ok: boolean
  checks: { name: string; state: string; found: string; mend?: string }[]
}

let shell: Shell
let client: StandInClient
/** What the client says once it has what `setup` gives it. */
let LOADED: Answers
beforeEach(async () => {
  shell = await openShell()
  client = new StandInClient(shell.folder)
  LOADED = loadedFrom(await copyPlace(homePaths(shell.env)))
  await keepHome(shell.home)
})
afterEach(() => shell.close())

/** As the client keeps the plugin's option. */
async function keepHome(home: unknown): Promise<void> {
  await mkdir(join(shell.env.HOME!, '.claude'), { recursive: true })
  const pluginConfigs = { 'switchboard@switchboard': { options: { home } } }
  await writeFile(join(shell.env.HOME!, '.claude', 'settings.json'), JSON.stringify({ pluginConfigs }))
}

const setup = (...args: string[]) => shell.here(['setup', 'claude', ...args, '--claude', client.program])

describe('`setup claude`', () => {
  it('says what a client refuses, and what to do next', async () => {
    await client.answer({ refusal: 'plugins are switched off' })
    const { code, stderr } = await setup()
    expect(code).toBe(1)
    expect(stderr).toMatch(/refused `claude plugin marketplace add .*\/plugin\/\w+`: plugins are switched off/)
    expect(stderr).toContain('claude mcp add')
  })

  it('names a client that answers in another way than expected', async () => {
    for (const script of ['echo usage', '[ "$1" = --version ] && echo 2.1.332 || echo usage']) {
      await client.script(script)
      const { code, stderr } = await setup('--check')
      expect(code).toBe(1)
      expect(stderr).toContain('Update Claude Code')
    }
  })

  it('ends a client that hangs and does not heed being asked to end, and says what hung', async () => {
    await client.script('trap "" TERM; while :; do sleep 0.01; done')
    const nowhere = { write: () => undefined }
    const { signal } = new AbortController()
    const stdin = async () => Buffer.alloc(0)
    const io = ioOf({ env: process.env, cwd: shell.folder, stdout: nowhere, stderr: nowhere, stdin, signal })
    const hanging = claudeClient(io, { program: client.program, stepMs: 200 })
    await expect(hanging.run(['plugin', 'list'])).rejects.toMatchObject({
      code: 'timed_out',
      message: '`claude plugin list` did not end within 0.2 s',
    })
  })

  it('refuses what it does not know', async () => {
    await client.answer({})
    const known = ['--claude', client.program]
    for (const args of [['codex'], [], ['claude', '--scope', 'world'], ['claude', '--check', '--remove']]) {
      expect((await shell.here(['setup', ...args, ...known])).code).toBe(2)
    }
    expect((await shell.here(['setup', 'claude', '--claude', '/nowhere/claude'])).code).toBe(4)
  })

  it('is the first thing that `start` offers', async () => {
    const { next } = await shell.json<{ next: { command: string }[] }>(['start'])
    expect(next.map(({ command }) => command).slice(0, 2)).toEqual([
      expect.stringMatching(/ setup claude$/),
      expect.stringContaining('claude mcp add'),
    ])
  })

  it('offers the tools alone to a client that is too old for the plugin, and installs nothing', async () => {
    const [major, minor, patch] = MIN_CLIENT.split('.').map(Number)
    await client.answer({ version: `${major}.${minor}.${patch! - 1}`, pluginsAfter: LOADED.plugins! })
    const { code, stderr } = await setup()
    expect(code).toBe(4)
    expect(stderr).toContain(`expected Claude Code ${MIN_CLIENT} or newer`)
    expect(stderr).toContain(`claude mcp add --scope user switchboard --env SWITCHBOARD_HOME=${shell.home} -- `)
    expect(await client.changes()).toEqual([])
    await client.answer({ version: MIN_CLIENT, pluginsAfter: LOADED.plugins! })
    expect(await setup()).toMatchObject({ code: 0, stderr: '' })
    expect(await client.changes()).toHaveLength(2)
  })

  it('gives the client a copy of the program, the same each time, and of another program another', async () => {
    await client.answer({ pluginsAfter: LOADED.plugins! })
    const install = () => shell.run(['setup', 'claude', '--claude', client.program, '--json'])
    const { source } = JSON.parse((await install()).stdout) as { source: string }
    expect(JSON.parse((await install()).stdout)).toMatchObject({ source })
    expect((await readdir(source)).sort()).toEqual(['.claude-plugin', 'bin', 'dist', 'package.json', 'plugin'])
    expect(await readdir(join(source, 'dist'))).not.toContain('types')
    expect((await stat(join(source, 'bin', 'switchboard'))).mode & 0o100).toBe(0o100)
    const market = JSON.parse(await readFile(join(source, '.claude-plugin', 'marketplace.json'), 'utf8'))
    expect(market.plugins.map((plugin: { source: string }) => plugin.source)).toEqual(['./', './plugin/monitor'])
    expect(await client.changes()).toContain(`plugin marketplace add ${source}`)

    // From the sources: another program, whose copy takes the place of that one.
    await setup()
    expect(await readdir(join(shell.home, 'plugin'))).toEqual([basename(await copyPlace(homePaths(shell.env)))])
    await setup('--remove')
    expect(await readdir(shell.home)).not.toContain('plugin')
  })

  it('gives the plugin the home that it is run with, once, and takes it out where it is run with none', async () => {
    await client.answer({ ...LOADED, pluginsAfter: LOADED.plugins! })
    expect((await setup()).stdout).toContain('nothing to change')
    await keepHome('')
    expect((await setup()).stdout).toContain(`the home ${shell.home}`)
    expect(await client.changes()).toEqual([
      `plugin install switchboard@switchboard --scope user --config home=${shell.home}`,
    ])
    await keepHome(shell.home)
    const check = JSON.parse((await setup('--check', '--json')).stdout)
    expect(check).toMatchObject({ loads: true, scopes: [{ home: shell.home }] })
    await shell.here(['setup', 'claude', '--claude', client.program], { env: { SWITCHBOARD_HOME: '' } })
    expect((await client.changes()).slice(-2)).toEqual([
      'plugin uninstall switchboard@switchboard --scope user',
      'plugin install switchboard@switchboard --scope user',
    ])
  })

  it('leaves what came from a registry, of this version, as it is', async () => {
    const marketplaces = [{ name: 'switchboard', source: 'github', repo: 'acme/switchboard' }]
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    await client.answer({ plugins: [{ ...LOADED.plugins![0], version }], marketplaces })
    const ran = await shell.run(['setup', 'claude', '--claude', client.program])
    expect(ran.stdout).toContain('nothing to change')
    expect(await client.changes()).toEqual([])
  })

  it('is no success where the client installs the plugin and does not load it', async () => {
    const pluginsAfter = NOT_LOADED['hooks that are no JSON (2.1.332)']!.plugins!
    await client.answer({ pluginsAfter })
    const { code, stderr } = await setup()
    expect(code).toBe(1)
    expect(stderr).toContain('Hook load failed')
  })

  it('says in the docs which client it needs', async () => {
    for (const page of ['README.md', 'docs/plugin.md']) {
      const text = await readFile(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8')
      expect(text).toContain(`Claude Code ${MIN_CLIENT}`)
    }
  })
})

describe.each(Object.entries(NOT_LOADED))('a plugin that is enabled and does not load: %s', (_, answers) => {
  const fault = /does not load: (Marketplace|Hook load failed)/

  beforeEach(() => client.answer({ ...answers, pluginsAfter: LOADED.plugins! }))

  it('is not taken for one that is there', async () => {
    const { code, stdout } = await setup('--check')
    expect(code).toBe(1)
    expect(stdout).toMatch(fault)
    expect(stdout.length).toBeLessThan(900)
    const json = await setup('--check', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ installed: true, loads: false, scopes: [{ enabled: true }] })
  })

  it('is installed anew, unless the client is too old for it', async () => {
    const { code, stdout } = await setup()
    const isOld = answers.version === '2.1.112'
    expect(code).toBe(isOld ? 4 : 0)
    if (!isOld) expect(stdout).toMatch(fault)
    expect(await client.changes()).toHaveLength(isOld ? 0 : 2)
  })

  it('is a warning of `doctor`', async () => {
    const env = { PATH: `${client.folder}${delimiter}${process.env.PATH}` }
    const { checks } = await shell.json<Doctor>(['doctor'], { env })
    const found = checks.find(each => each.name === (answers.version === '2.1.112' ? 'claude code' : 'plugin'))
    expect(found).toMatchObject({ state: 'warn' })
    expect(found!.found).toMatch(answers.version === '2.1.112' ? /or newer for the plugin, got 2\.1\.112/ : fault)
  })
})

describe('`setup claude --remove`', () => {
  it('lists what the client keeps of its sessions, and what of its settings still names the switchboard', async () => {
    const project = join(shell.folder, 'work')
    const inHome = (...path: string[]) => join(shell.env.HOME!, ...path)
    await mkdir(inHome('.claude', 'projects'), { recursive: true })
    await mkdir(inHome('Library', 'Caches', 'claude-cli-nodejs'), { recursive: true })
    await mkdir(join(project, '.claude'), { recursive: true })
    await writeFile(inHome('.claude.json'), JSON.stringify({ projects: { [project]: {}, '/gone': {} } }))
    await writeFile(inHome('.claude', 'settings.json'), '{}')
    const rules = join(project, '.claude', 'settings.local.json')
    await writeFile(rules, '{"permissions":{"allow":["mcp__plugin_switchboard_bus__publish"]}}')
    await client.answer({ ...LOADED, pluginsAfter: [] })
    const { code, stdout } = await setup('--remove', '--json')
    expect(code).toBe(0)
    const { kept, removed } = JSON.parse(stdout) as { removed: boolean; kept: { path: string }[] }
    expect(removed).toBe(true)
    const history = [inHome('.claude', 'projects'), inHome('Library', 'Caches', 'claude-cli-nodejs')]
    expect(kept.map(({ path }) => path)).toEqual([...history, rules])
    const text = (await setup('--remove')).stdout
    expect(text).toContain(rules)
    expect(text).toContain('transcripts')
  })
})

describe('`doctor`', () => {
  const check = async (name: string, env: NodeJS.ProcessEnv = {}) =>
    (await shell.json<Doctor>(['doctor'], { env })).checks.find(each => each.name === name)

  it('says that the plugin is missing, disabled or of another program, and how to install it', async () => {
    const env = { PATH: `${client.folder}${delimiter}${process.env.PATH}` }
    const found = async (answers: Answers) => {
      await client.answer(answers)
      return await check('plugin', env)
    }
    expect(await found({})).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('not installed'),
      mend: expect.stringContaining('switchboard setup claude'),
    })
    expect(await found(DISABLED)).toMatchObject({ state: 'warn', found: expect.stringContaining('disabled') })
    expect(await found(LOADED)).toMatchObject({ state: 'ok', found: expect.stringContaining('loads, scope user') })
    const elsewhere = loadedFrom('/elsewhere/plugin')
    expect(await found(elsewhere)).toMatchObject({ state: 'warn', found: expect.stringContaining('/elsewhere') })
    for (const home of ['', '/elsewhere/home', 5]) {
      await keepHome(home)
      expect(await found(LOADED)).toMatchObject({
        state: 'warn',
        found: expect.stringContaining(home === '/elsewhere/home' ? home : 'the usual home'),
      })
    }
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
