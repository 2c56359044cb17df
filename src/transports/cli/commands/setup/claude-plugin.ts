import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BusError } from '../../../../bus/errors.ts'
import { joined, say } from '../../../../bus/say.ts'
import { claudeFolder } from '../../../../home/user-folder.ts'
import type { ClaudeClient } from './claude-client.ts'

/** Both of the plugin and of the marketplace that holds it. */
const NAME = 'switchboard'
const MARKETPLACE = NAME
export const PLUGIN = `${NAME}@${MARKETPLACE}`

export const SCOPES = ['user', 'project', 'local'] as const
export type Scope = (typeof SCOPES)[number]

/** What `claude plugin list --json` says of one installation; more fields than these are there. */
export interface Installation {
  readonly id: string
  readonly scope: Scope
  readonly enabled: boolean
  readonly version?: string
  /** Where it is read in place: the folder, and the version that lies there now. */
  readonly readFromFolder?: string
  readonly folderVersion?: string
  /** Of the scopes `project` and `local`. */
  readonly projectPath?: string
}

/** As seen from dist/chunks/ and from the sources. */
const PLACES = ['../../plugin', '../../../../../plugin']

/** The plugin of this very program. */
export function pluginFolder(): string {
  const found = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(existsSync)
  if (found === undefined) throw new BusError('internal', 'expected a plugin folder beside this program, got none')
  return found
}

/** All installations of this marketplace's plugins, of every scope. */
async function installations(client: ClaudeClient): Promise<Installation[]> {
  const found = await list<Installation>(client, ['plugin', 'list', '--json'])
  return found.filter(({ id }) => id.endsWith(`@${MARKETPLACE}`))
}

/** The installations of the plugin that sessions in this folder would load, one per scope. */
export async function installationsAt(client: ClaudeClient, cwd: string): Promise<Installation[]> {
  return (await installations(client)).filter(({ id, projectPath = cwd }) => id === PLUGIN && projectPath === cwd)
}

/** Gives what was there before; where nothing had to change, nothing is touched. */
export async function installPlugin(
  client: ClaudeClient,
  { source, scope, cwd }: { source: string; scope: Scope; cwd: string },
): Promise<{ before: Installation | undefined; isChanged: boolean }> {
  const before = (await installationsAt(client, cwd)).find(each => each.scope === scope)
  if (before?.enabled && before.readFromFolder === source && before.version === before.folderVersion) {
    return { before, isChanged: false }
  }
  // Points an earlier one, of another checkout say, to here.
  await client.run(['plugin', 'marketplace', 'add', source])
  // Enables it as well, where somebody had disabled it.
  await client.run(['plugin', 'install', PLUGIN, '--scope', scope], cwd)
  return { before, isChanged: true }
}

/** Takes out every trace, of every scope, and says whether there was one. */
export async function removePlugin(client: ClaudeClient, env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await installations(client)
  for (const { id, scope, projectPath } of found) {
    // The settings of a project that is gone went with it.
    if (projectPath !== undefined && !existsSync(projectPath)) continue
    await client.run(['plugin', 'uninstall', id, '--scope', scope], projectPath)
  }
  const marketplaces = await list<{ name: string }>(client, ['plugin', 'marketplace', 'list', '--json'])
  const isKnown = marketplaces.some(({ name }) => name === MARKETPLACE)
  if (isKnown) await client.run(['plugin', 'marketplace', 'remove', MARKETPLACE])
  // The client only marks its copy as orphaned, and keeps what a session under --plugin-dir left.
  const left = leftovers(env).filter(existsSync)
  for (const folder of left) await rm(folder, { recursive: true, force: true })
  return found.length > 0 || isKnown || left.length > 0
}

function leftovers(env: NodeJS.ProcessEnv): string[] {
  const config = claudeFolder(env)
  const plugins = env.CLAUDE_CODE_PLUGIN_CACHE_DIR ?? join(config, 'plugins')
  const data = [NAME, `${NAME}-monitor`].flatMap(plugin => [`${plugin}-${MARKETPLACE}`, `${plugin}-inline`])
  return [join(plugins, 'cache', MARKETPLACE), ...data.map(folder => join(plugins, 'data', folder))]
}

async function list<T>(client: ClaudeClient, args: readonly string[]): Promise<T[]> {
  const text = await client.run(args)
  try {
    const found: unknown = JSON.parse(text)
    if (Array.isArray(found)) return found as T[]
  } catch {
    // As below.
  }
  throw new BusError('internal', say`expected a JSON list from \`claude ${joined(' ', args)}\`, got other text`, {
    next: 'Update Claude Code.',
  })
}
