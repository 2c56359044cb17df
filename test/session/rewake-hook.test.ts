import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testHome } from '../client/support/home.ts'
import { PLUGIN, PROGRAM } from '../program.ts'
import { scripted, switchboard } from './support/scripted.ts'

interface Hook {
  readonly type: string
  readonly command?: string
  readonly async?: boolean
  readonly asyncRewake?: boolean
}

/** The hooks of the plugin that start the rewake command, by event. */
async function rewakeHooks(): Promise<[event: string, hook: Hook][]> {
  const { hooks } = JSON.parse(await readFile(join(PLUGIN, 'plugin', 'hooks', 'hooks.json'), 'utf8')) as {
    hooks: Record<string, { hooks: Hook[] }[]>
  }
  return Object.entries(hooks).flatMap(([event, groups]) =>
    groups.flatMap(group =>
      group.hooks.filter(hook => hook.command?.includes('rewake')).map(hook => [event, hook] as [string, Hook]),
    ),
  )
}

/** A plugin's folder whose program only says that it was started. */
async function pluginFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "swb it's a plugin-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin', 'switchboard'), '#!/bin/sh\necho "started $*"\n')
  await chmod(join(folder, 'bin', 'switchboard'), 0o755)
  return folder
}

/** What the client's hooks find in their environment, by how the client was started. */
const CLIENTS = {
  'a terminal': { CLAUDE_CODE_ENTRYPOINT: 'cli' },
  'print mode or stream-json': { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' },
  'the agent SDK': { CLAUDE_CODE_ENTRYPOINT: 'sdk-ts' },
  'a client that does not say': {},
}
const SOCKETS = { 'an inbox socket': { CLAUDE_CODE_MESSAGING_SOCKET: '/run/cc-socks/1.sock' }, 'no inbox socket': {} }
const PERMITTED = [undefined, '', 'none', 'monitor', 'inbox socket, tmux keys', 'rewake', 'monitor, rewake']

const cases = Object.entries(CLIENTS).flatMap(([client, ofClient]) =>
  Object.entries(SOCKETS).flatMap(([socket, ofSocket]) =>
    PERMITTED.map(permitted => ({ client, socket, permitted, env: { ...ofClient, ...ofSocket } })),
  ),
)

describe('the rewake hook', () => {
  it('is started only in a terminal, and there only where it is the best route or the person names it', async () => {
    const folder = await pluginFolder()
    const hooks = await rewakeHooks()
    expect(hooks.map(([event]) => event)).toEqual(['SessionStart', 'Stop'])
    for (const { client, socket, permitted, env } of cases) {
      const isNamed = permitted?.includes('rewake') === true
      const isBest = !permitted && socket === 'no inbox socket'
      for (const [event, { command = '' }] of hooks) {
        const setting: NodeJS.ProcessEnv = permitted === undefined ? {} : { SWITCHBOARD_DOORBELL: permitted }
        const { stdout } = await promisify(execFile)('sh', ['-c', command], {
          env: { PATH: process.env.PATH, CLAUDE_PLUGIN_ROOT: folder, ...env, ...setting },
        })
        const started = client === 'a terminal' && (isNamed || isBest) ? 'started rewake\n' : ''
        expect({ event, client, socket, permitted, stdout }).toMatchObject({ stdout: started })
      }
    }
  })

  it('is declared so that the client waits for it in no mode', async () => {
    for (const [, hook] of await rewakeHooks()) expect(hook).toMatchObject({ async: true, asyncRewake: true })
  })

  it.each([
    { SWITCHBOARD_DOORBELL: 'none' },
    { SWITCHBOARD_DOORBELL: 'monitor' },
    // Refused. With the exit code of that error it would wake the agent at the end of each turn.
    { SWITCHBOARD_DOORBELL: 'rewakes' },
    { SWITCHBOARD_HOME: 'relative/folder' },
  ])('ends by itself, and wakes nobody, with %j', async setting => {
    const { env } = await testHome()
    expect(await rewake({ ...env, ...setting })).toEqual({ code: 0, stderr: '' })
  })

  it('ends where only its session knows that the person permits none', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one', hasInbox: false, env: { SWITCHBOARD_DOORBELL: 'none' } })
    await one.turn()
    expect(await rewake({ ...bus.env, CLAUDE_PID: String(process.pid) })).toEqual({ code: 0, stderr: '' })
  })
})

async function rewake(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, 'rewake'], { env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, stderr }
}
