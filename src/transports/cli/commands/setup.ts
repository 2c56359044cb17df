import { isAbsolute } from 'node:path'
import { BusError } from '../../../bus/errors.ts'
import { quoted, retold, say } from '../../../bus/say.ts'
import { noteNode } from '../../../home/node-path.ts'
import { homePaths } from '../../../home/paths.ts'
import { namedHome } from '../../../home/user-folder.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'
import { type ClaudeClient, claudeClient } from './setup/claude-client.ts'
import { faultOf, installPlugin, PLUGIN, presentAt, removePlugin, SCOPES, type Scope } from './setup/claude-plugin.ts'
import { clientVersion, MIN_CLIENT, tooOldError } from './setup/client-version.ts'
import { keptByClient } from './setup/kept.ts'
import { copyPlugin, removeCopies } from './setup/plugin-copy.ts'

/** Puts an agent on the bus; `--check` only looks, `--remove` takes every trace of it out again. */
export async function setup(invocation: Invocation): Promise<number> {
  const { io, options } = invocation
  const [agent = ''] = invocation.args
  if (agent !== 'claude') {
    throw new BusError('invalid_input', say`expected \`claude\`, got ${agent === '' ? 'nothing' : quoted(agent)}`, {
      next: `\`${PROGRAM} setup claude\`. Other agents: give them \`${PROGRAM} mcp\` as an MCP server.`,
    })
  }
  const { remove: isRemoval, check: isCheck, claude } = options
  if (isRemoval && isCheck) throw new BusError('invalid_input', 'expected --remove or --check, got both')
  const client = claudeClient(io, { program: claude as string | undefined })
  if (isRemoval) return await remove(client, invocation)
  return isCheck ? await check(client, invocation) : await install(client, invocation)
}

async function install(client: ClaudeClient, { io, global, options }: Invocation): Promise<number> {
  const scope = scopeOf(options.scope)
  const paths = homePaths(io.env)
  const home = namedHome(io.env)
  const tooOld = tooOldError(await clientVersion(client), io)
  if (tooOld !== undefined) throw tooOld
  await noteNode(paths)
  const source = await copyPlugin(paths)
  const { before, isChanged } = await installPlugin(client, { source, scope, home, io })
  // Sessions that run may still need the one before.
  await removeCopies(paths, { but: [source, ...(before.source === undefined ? [] : [before.source])] })
  const earlier = before.installed.find(each => each.scope === scope)
  const was = earlier === undefined ? 'absent' : (faultOf(earlier) ?? 'enabled')
  if (global.isJson) {
    io.out.json({
      agent: 'claude',
      plugin: PLUGIN,
      installed: true,
      scope,
      source,
      home: home ?? null,
      changed: isChanged,
      was,
    })
    return 0
  }
  if (!isChanged) {
    io.out.line(say`Claude Code has the plugin ${PLUGIN} already (scope ${scope}, from ${source}): nothing to change.`)
    return 0
  }
  if (earlier !== undefined) {
    const where = before.source === undefined || before.source === source ? '' : say`, read from ${before.source}`
    io.out.line(say`There was one already: ${retold(was)}, version ${earlier.version ?? 'unknown'}${where}.`)
  }
  io.out.line(say`Claude Code has the plugin ${PLUGIN} (scope ${scope}), from ${source}, a copy of this program.`)
  if (home !== undefined) io.out.line(say`Its sessions use the home ${home}, unless their environment names another.`)
  io.out.line('Sessions started from now on join the switchboard by themselves; /switchboard:bus shows who is here.')
  io.out.line(`\`${PROGRAM} setup claude --remove\` takes it out again.`)
  return 0
}

/** Exit code 1 says no, so that scripts need not read. */
async function check(client: ClaudeClient, { io, global }: Invocation): Promise<number> {
  const version = await clientVersion(client)
  const tooOld = tooOldError(version, io)
  const { installed, source, home } = await presentAt(client, io)
  const isLoaded = tooOld === undefined && installed.some(each => faultOf(each) === undefined)
  if (global.isJson) {
    const scopes = installed.map(each => {
      const { scope, enabled, version } = each
      return { scope, enabled, version, source, home: home ?? null, fault: faultOf(each) ?? null }
    })
    const client = { version, minimum: MIN_CLIENT }
    io.out.json({ agent: 'claude', client, plugin: PLUGIN, installed: installed.length > 0, loads: isLoaded, scopes })
    return isLoaded ? 0 : 1
  }
  if (tooOld !== undefined) io.out.line(say`${retold(tooOld.message)}. ${retold(tooOld.next ?? '')}`)
  else if (installed.length === 0) {
    io.out.line(`Claude Code does not have the plugin ${PLUGIN}. \`${PROGRAM} setup claude\` installs it.`)
  }
  for (const each of installed) {
    const from = say`${source === undefined ? '' : say`, from ${source}`}${home === undefined ? '' : say`, home ${home}`}`
    const fault = faultOf(each)
    const mend = tooOld === undefined ? say`. \`${PROGRAM} setup claude --scope ${each.scope}\` mends it` : ''
    const state = fault === undefined ? say('loads') : say`${retold(fault)}${mend}`
    io.out.line(say`${PLUGIN} ${each.version ?? ''} (scope ${each.scope}${from}): ${state}.`)
  }
  return isLoaded ? 0 : 1
}

async function remove(client: ClaudeClient, { io, global }: Invocation): Promise<number> {
  const { home } = await presentAt(client, io)
  let isRemoved = await removePlugin(client, io.env)
  const homes = home !== undefined && isAbsolute(home) ? [io.env, { ...io.env, SWITCHBOARD_HOME: home }] : [io.env]
  for (const env of homes) if (await removeCopies(homePaths(env))) isRemoved = true
  const kept = keptByClient(io.env)
  if (global.isJson) {
    io.out.json({ agent: 'claude', plugin: PLUGIN, installed: false, removed: isRemoved, kept })
    return 0
  }
  io.out.line(
    isRemoved
      ? 'Claude Code has the plugin no more. Running sessions keep its tools until they end.'
      : 'There was nothing to remove.',
  )
  if (kept.length > 0) io.out.line('Claude Code keeps, and what sessions read and wrote may stand in it:')
  for (const { path, what } of kept) io.out.line(say`  ${path}  ${retold(what)}`)
  return 0
}

function scopeOf(given: unknown): Scope {
  const scope = given ?? 'user'
  const known = SCOPES.find(each => each === scope)
  if (known !== undefined) return known
  throw new BusError('invalid_input', say`--scope: expected ${SCOPES}, got ${String(scope)}`)
}
