import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { shortened } from '../../../../bus/cut.ts'
import { BusError } from '../../../../bus/errors.ts'
import { joined, retold, say } from '../../../../bus/say.ts'
import { claudeFolder } from '../../../../home/user-folder.ts'
import { VERSION } from '../../../../version.ts'
import type { Io } from '../../io.ts'
import { PROGRAM } from '../../usage.ts'
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
  /** The version that lies now where it is read in place; clients before 2.1.329 do not say. */
  readonly folderVersion?: string
  /** Why sessions would not load it, in the client's words: it counts as enabled all the same. */
  readonly errors?: readonly string[]
  /** Of the scopes `project` and `local`. */
  readonly projectPath?: string
}

/** Why sessions would not load it, or undefined where they would. */
export function faultOf({ enabled, errors = [] }: Installation): string | undefined {
  if (!enabled) return 'disabled'
  // One of 2.1.112 is 6,000 characters of JSON.
  return errors.length === 0 ? undefined : `does not load: ${shortened(errors.join('; '), FAULT_CHARS)}`
}

const FAULT_CHARS = 300

/** All installations of this marketplace's plugins, of every scope. */
async function installations(client: ClaudeClient): Promise<Installation[]> {
  const found = await list<Installation>(client, ['plugin', 'list', '--json'])
  return found.filter(({ id }) => id.endsWith(`@${MARKETPLACE}`))
}

interface Marketplace {
  readonly name: string
  /** `directory`, where plugins are read in place; `github`, `url` and others. */
  readonly source?: string
  readonly path?: string
}

async function marketplace(client: ClaudeClient): Promise<Marketplace | undefined> {
  const known = await list<Marketplace>(client, ['plugin', 'marketplace', 'list', '--json'])
  return known.find(({ name }) => name === MARKETPLACE)
}

/** What sessions that start in a folder have of the plugin. */
export interface Present {
  /** One per scope. */
  readonly installed: readonly Installation[]
  /** The folder that the client was given; undefined where it comes from a repository or a registry. */
  readonly source: string | undefined
  /** The home that its sessions use, where their own environment names none. */
  readonly home: string | undefined
}

export async function presentAt(client: ClaudeClient, { cwd, env }: Pick<Io, 'cwd' | 'env'>): Promise<Present> {
  const [all, market] = await Promise.all([installations(client), marketplace(client)])
  const installed = all.filter(({ id, projectPath = cwd }) => id === PLUGIN && projectPath === cwd)
  return { installed, source: market?.source === 'directory' ? market.path : undefined, home: homeSetIn(env) }
}

/** The client keeps a plugin's options in the user's settings, whatever the scope of the plugin; no command shows them. */
function homeSetIn(env: NodeJS.ProcessEnv): string | undefined {
  try {
    const settings = JSON.parse(readFileSync(join(claudeFolder(env), 'settings.json'), 'utf8')) as Settings
    const home = settings.pluginConfigs?.[PLUGIN]?.options?.home
    return typeof home === 'string' && home !== '' ? home : undefined
  } catch {
    return undefined
  }
}

interface Settings {
  readonly pluginConfigs?: Record<string, { readonly options?: { readonly home?: unknown } }>
}

/** Whether it is this program that sessions run, from the folder that it would be given or at the same version. */
export function isOfThisProgram({ installed, source }: Present, folder: string): boolean {
  return source === undefined ? installed.some(({ version }) => version === VERSION) : source === folder
}

/** Gives what was there before; where nothing had to change, nothing is touched. */
export async function installPlugin(
  client: ClaudeClient,
  { source, scope, home, io }: { source: string; scope: Scope; home: string | undefined; io: Io },
): Promise<{ before: Present; isChanged: boolean }> {
  const before = await presentAt(client, io)
  const ofScope = before.installed.find(each => each.scope === scope)
  const { version, folderVersion = version } = ofScope ?? {}
  const isWell = ofScope !== undefined && faultOf(ofScope) === undefined && version === folderVersion
  const isThis = isOfThisProgram(before, source)
  if (isWell && isThis && before.home === home) return { before, isChanged: false }
  // Points an earlier one, of another version say, to here.
  if (!isWell || !isThis) await client.run(['plugin', 'marketplace', 'add', source])
  // The client takes no empty value for an option, and forgets what it has with the plugin alone.
  if (home === undefined && before.home !== undefined && ofScope !== undefined) {
    await client.run(['plugin', 'uninstall', PLUGIN, '--scope', scope], io.cwd)
  }
  const option = home === undefined ? [] : ['--config', `home=${home}`]
  // Enables it as well, where somebody had disabled it.
  await client.run(['plugin', 'install', PLUGIN, '--scope', scope, ...option], io.cwd)
  await requireLoaded(client, scope, io)
  return { before, isChanged: true }
}

/** The client installs and enables what it then does not load. */
async function requireLoaded(client: ClaudeClient, scope: Scope, io: Io): Promise<void> {
  const { installed } = await presentAt(client, io)
  const found = installed.find(each => each.scope === scope)
  const fault = found === undefined ? 'does not list it' : faultOf(found)
  if (fault === undefined) return
  throw new BusError('internal', say`Claude Code has installed ${PLUGIN}, and ${retold(fault)}`, {
    next: say`See \`claude plugin list\`. \`${PROGRAM} setup claude --remove\` takes it out again.`,
  })
}

/** Takes out every trace, of every scope, and says whether there was one. */
export async function removePlugin(client: ClaudeClient, env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await installations(client)
  for (const { id, scope, projectPath } of found) {
    // The settings of a project that is gone went with it.
    if (projectPath !== undefined && !existsSync(projectPath)) continue
    await client.run(['plugin', 'uninstall', id, '--scope', scope], projectPath)
  }
  const isKnown = (await marketplace(client)) !== undefined
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
