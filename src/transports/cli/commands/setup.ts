import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BusError } from '../../../bus/errors.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'

const NAME = 'switchboard'
const PLUGIN = `${NAME}@${NAME}`
const STEP_MS = 60_000

/** The plugin as seen from dist/chunks/ and from the sources. */
const PLACES = ['../../plugin', '../../../../plugin']

/** Puts an agent on the bus, or with `--remove` takes every trace of it out again. */
export async function setup(invocation: Invocation): Promise<number> {
  const [agent = ''] = invocation.args
  if (agent !== 'claude') {
    throw new BusError('invalid_input', `expected \`claude\`, got ${agent === '' ? 'nothing' : `\`${agent}\``}`, {
      next: `\`${PROGRAM} setup claude\`. Other agents: give them \`${PROGRAM} mcp\` as an MCP server.`,
    })
  }
  return invocation.options.remove === true ? await remove(invocation) : await install(invocation)
}

/** Through the client's own commands, which know where it keeps what. Doing it again mends and updates. */
async function install(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const source = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(folder => existsSync(folder))
  if (source === undefined) throw new BusError('internal', 'this installation has no plugin folder')
  await claude(invocation, 'plugin', 'marketplace', 'add', source)
  await claude(invocation, 'plugin', 'install', PLUGIN)
  if (global.isJson) io.out.json({ agent: 'claude', installed: true, plugin: PLUGIN, source })
  else {
    io.out.line(
      `Claude Code has the plugin ${PLUGIN}: sessions started from now on join the switchboard by themselves.`,
    )
    io.out.line(
      `In a session, /${NAME}:bus shows who is here. \`${PROGRAM} setup claude --remove\` takes it out again.`,
    )
  }
  return 0
}

async function remove(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const steps = [
    await attempt(invocation, 'plugin', 'uninstall', PLUGIN),
    await attempt(invocation, 'plugin', 'marketplace', 'remove', NAME),
  ]
  // The client only marks its copy as orphaned.
  const config = io.env.CLAUDE_CONFIG_DIR ?? join(io.env.HOME ?? homedir(), '.claude')
  await rm(join(config, 'plugins', 'cache', NAME), { recursive: true, force: true })
  const found = steps.some(isDone => isDone)
  if (global.isJson) io.out.json({ agent: 'claude', installed: false, removed: found })
  else
    io.out.line(
      found
        ? 'Claude Code has the plugin no more. Running sessions keep it until they end.'
        : 'There was nothing to remove.',
    )
  return 0
}

/** What is not there needs no removing. */
async function attempt(invocation: Invocation, ...args: string[]): Promise<boolean> {
  try {
    await claude(invocation, ...args)
    return true
  } catch (error) {
    if (error instanceof BusError && /not found|not installed/i.test(error.message)) return false
    throw error
  }
}

async function claude({ io }: Invocation, ...args: string[]): Promise<void> {
  try {
    const options = { env: io.env, timeout: STEP_MS, signal: io.signal, windowsHide: true }
    await promisify(execFile)('claude', args, options)
  } catch (error) {
    const {
      code,
      stderr = '',
      stdout = '',
      message,
    } = error as Error & { code?: unknown; stderr?: string; stdout?: string }
    if (code === 'ENOENT') {
      throw new BusError('not_found', 'expected Claude Code as `claude` on the PATH, found none', {
        next: 'Install it, or add its folder to the PATH.',
      })
    }
    const said = `${stderr}${stdout}`.trim().split('\n').at(-1) || message
    throw new BusError('internal', `\`claude ${args.join(' ')}\` failed: ${said}`, {
      next: 'Run that command by hand.',
    })
  }
}
