import { BusError } from '../../../bus/errors.ts'
import { say } from '../../../bus/say.ts'
import { noteNode } from '../../../home/node-path.ts'
import { homePaths } from '../../../home/paths.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'
import { type ClaudeClient, claudeClient } from './setup/claude-client.ts'
import {
  installationsAt,
  installPlugin,
  PLUGIN,
  pluginFolder,
  removePlugin,
  SCOPES,
  type Scope,
} from './setup/claude-plugin.ts'

/** Puts an agent on the bus; `--check` only looks, `--remove` takes every trace of it out again. */
export async function setup(invocation: Invocation): Promise<number> {
  const { io, options } = invocation
  const [agent = ''] = invocation.args
  if (agent !== 'claude') {
    throw new BusError('invalid_input', say`expected \`claude\`, got ${agent === '' ? 'nothing' : say`\`${agent}\``}`, {
      next: `\`${PROGRAM} setup claude\`. Other agents: give them \`${PROGRAM} mcp\` as an MCP server.`,
    })
  }
  const { remove: isRemoval, check: isCheck, claude } = options
  if (isRemoval && isCheck) throw new BusError('invalid_input', 'expected --remove or --check, got both')
  const client = claudeClient({ program: claude as string | undefined, env: io.env, signal: io.signal })
  if (isRemoval) return await remove(client, invocation)
  return isCheck ? await check(client, invocation) : await install(client, invocation)
}

async function install(client: ClaudeClient, { io, global, options }: Invocation): Promise<number> {
  const scope = scopeOf(options.scope)
  const source = pluginFolder()
  await noteNode(homePaths(io.env))
  const { before, isChanged } = await installPlugin(client, { source, scope, cwd: io.cwd })
  const was = before === undefined ? 'absent' : before.enabled ? 'enabled' : 'disabled'
  if (global.isJson) {
    io.out.json({ agent: 'claude', plugin: PLUGIN, installed: true, scope, source, changed: isChanged, was })
    return 0
  }
  if (!isChanged) {
    io.out.line(say`Claude Code has the plugin ${PLUGIN} already (scope ${scope}, from ${source}): nothing to change.`)
    return 0
  }
  const elsewhere = before?.readFromFolder
  if (was !== 'absent') {
    const where = elsewhere === undefined || elsewhere === source ? '' : say`, read from ${elsewhere}`
    io.out.line(say`There was one already: ${was}, version ${before?.version ?? 'unknown'}${where}.`)
  }
  io.out.line(say`Claude Code has the plugin ${PLUGIN} (scope ${scope}), read in place from ${source}.`)
  io.out.line('Sessions started from now on join the switchboard by themselves; /switchboard:bus shows who is here.')
  io.out.line(`\`${PROGRAM} setup claude --remove\` takes it out again.`)
  return 0
}

/** Exit code 1 says no, so that scripts need not read. */
async function check(client: ClaudeClient, { io, global }: Invocation): Promise<number> {
  const found = await installationsAt(client, io.cwd)
  const isEnabled = found.some(each => each.enabled)
  if (global.isJson) {
    const scopes = found.map(({ scope, enabled, version, readFromFolder }) => ({
      scope,
      enabled,
      version,
      source: readFromFolder,
    }))
    io.out.json({ agent: 'claude', plugin: PLUGIN, installed: found.length > 0, enabled: isEnabled, scopes })
  } else if (found.length === 0) {
    io.out.line(`Claude Code does not have the plugin ${PLUGIN}. \`${PROGRAM} setup claude\` installs it.`)
  } else {
    for (const { scope, enabled, version, readFromFolder } of found) {
      const from = readFromFolder === undefined ? '' : say`, from ${readFromFolder}`
      const state = enabled ? say('enabled') : say`disabled; \`${PROGRAM} setup claude --scope ${scope}\` enables it`
      io.out.line(say`${PLUGIN} ${version ?? ''} (scope ${scope}${from}): ${state}`)
    }
  }
  return isEnabled ? 0 : 1
}

async function remove(client: ClaudeClient, { io, global }: Invocation): Promise<number> {
  const isRemoved = await removePlugin(client, io.env)
  if (global.isJson) io.out.json({ agent: 'claude', plugin: PLUGIN, installed: false, removed: isRemoved })
  else if (isRemoved) io.out.line('Claude Code has the plugin no more. Running sessions keep it until they end.')
  else io.out.line('There was nothing to remove.')
  return 0
}

function scopeOf(given: unknown): Scope {
  const scope = given ?? 'user'
  const known = SCOPES.find(each => each === scope)
  if (known !== undefined) return known
  throw new BusError('invalid_input', say`--scope: expected ${SCOPES}, got ${String(scope)}`)
}
