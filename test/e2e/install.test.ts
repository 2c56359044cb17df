import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PLUGIN } from '../program.ts'
import { type LaunchOptions, runPrint, TerminalSession } from './harness/client.ts'
import { CLIENT_VERSION, OLDER_CLIENTS } from './harness/fetch-client.ts'
import { script } from './harness/model-script.ts'
import { pack, Registry } from './support/registry.ts'
import { Switchboard, TOOL } from './support/switchboard.ts'

const [FIRST, NEXT] = ['1.0.0', '1.0.1']

let packs: string
const tarballs = new Map<string, string>()
beforeAll(async () => {
  packs = await mkdtemp(join(tmpdir(), 'swb-packs-'))
  tarballs.set('zod', await pack(join(import.meta.dirname, '../../node_modules/zod'), packs))
  for (const version of [FIRST, NEXT]) tarballs.set(version, await packed(version))
})
afterAll(() => rm(packs, { recursive: true }))

/** The newest, and the oldest that is supported: what lies between them was tried once, and the test is long. */
describe.each([CLIENT_VERSION, OLDER_CLIENTS.at(-1)!])('client %s', version => {
  test('installs the plugin from repository and registry, updates it, and hands it over to a shell by `npx`', async () => {
    await using bus = await Switchboard.create({ version })
    const { sandbox } = bus
    await using registry = await registryFor(bus)
    const claude = clientOf(bus)
    await repository(bus)
    await claude('marketplace', 'add', 'acme/switchboard')
    await claude('install', 'switchboard@switchboard')
    expect(await claude('list')).toContain(FIRST)
    expect(await joined(bus)).toMatchObject({ agent: 'claude-code' })

    await registry.publish(tarballs.get(NEXT)!)
    await claude('marketplace', 'update', 'switchboard')
    await claude('update', 'switchboard@switchboard')
    expect(await claude('list')).toContain(NEXT)

    const setup = await sandbox.exec(['npx', '--yes', 'switchboard', 'setup', 'claude'])
    expect(setup).toMatchObject({ code: 0, stdout: expect.stringContaining('by themselves') })
    // What was run is in a cache, which may be emptied.
    await rm(join(sandbox.home, '.npm'), { recursive: true })
    expect(await joined(bus)).toMatchObject({ agent: 'claude-code' })

    await claude('uninstall', 'switchboard@switchboard')
    await claude('marketplace', 'remove', 'switchboard')
    expect(await claude('list')).not.toContain('switchboard@switchboard')
  })
})

test('a person types it into the client', async () => {
  await using bus = await Switchboard.create()
  await using _registry = await registryFor(bus)
  await repository(bus)
  const session = await TerminalSession.start(bus.sandbox)
  await session.submit('/plugin marketplace add acme/switchboard')
  // What is typed before the client has reloaded its plugins by itself is lost.
  await session.waitForScreen('Reloaded:')
  await session.submit('/plugin install switchboard@switchboard')
  // For this user; and the home, which stays empty.
  for (const dialog of ['Install for you (user scope)', 'Plugin options']) {
    await session.waitForScreen(dialog)
    await session.answerDialog('Enter')
  }
  await session.waitForScreen(/installed switchboard/i)
  expect(await joined(bus)).toMatchObject({ agent: 'claude-code' })
})

/** A registry that npm asks, in the sandbox, with the first version and what the typed client of it depends on. */
async function registryFor({ sandbox }: Switchboard): Promise<Registry> {
  const registry = await Registry.open(sandbox)
  Object.assign(sandbox.env, { npm_config_registry: registry.url })
  for (const name of ['zod', FIRST]) await registry.publish(tarballs.get(name)!)
  return registry
}

/** This program as a package of some version. */
async function packed(version: string): Promise<string> {
  const folder = join(packs, version)
  await mkdir(folder)
  for (const part of ['.claude-plugin', 'bin', 'dist', 'package.json', 'plugin']) {
    await cp(join(PLUGIN, part), join(folder, part), { recursive: true })
  }
  for (const manifest of ['package.json', '.claude-plugin/plugin.json']) {
    const path = join(folder, manifest)
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), version }))
  }
  return await pack(folder, packs)
}

/** The project's repository, which git finds in this sandbox where the client looks for it on the network. */
async function repository({ sandbox }: Switchboard): Promise<void> {
  const folder = await sandbox.addFolder('repository')
  for (const part of ['.claude-plugin', 'plugin']) await cp(join(PLUGIN, part), join(folder, part), { recursive: true })
  const git = async (...args: string[]) => {
    expect(await sandbox.exec(['git', ...args], { cwd: folder })).toMatchObject({ code: 0 })
  }
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '.')
  await git('commit', '--quiet', '--message=release')
  for (const host of ['https://github.com/', 'git@github.com:', 'ssh://git@github.com/']) {
    await git('config', '--global', '--add', `url.file://${folder}.insteadOf`, `${host}acme/switchboard.git`)
  }
}

function clientOf({ sandbox }: Switchboard) {
  return async (...args: string[]) => {
    const ran = await sandbox.exec([sandbox.client, 'plugin', ...args])
    expect(ran).toMatchObject({ code: 0 })
    return ran.stdout
  }
}

/** What the plugin's tool says to a new session of who it is. */
async function joined({ sandbox }: Switchboard): Promise<unknown> {
  const options = { permissionMode: 'manual', allowedTools: ['Bash'] } satisfies LaunchOptions
  // The shell's command waits for the hub, which the first session starts.
  const steps = [{ tool: 'Bash', input: { command: 'switchboard sessions' } }, { tool: `${TOOL}whoami` }]
  const { sessionId } = await runPrint(sandbox, script(...steps, { text: 'on the bus' }), options)
  const said = /\{"id":"ses_.*\}/.exec(sandbox.model.textSeenBy(sessionId))?.[0]
  return JSON.parse(said ?? 'null')
}
