import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claudeFolder, folderIn, userHome } from '../../../../home/user-folder.ts'

export interface Kept {
  readonly path: string
  readonly what: string
}

/** What the client writes of its sessions. It is not read here: it can be gigabytes. */
const HISTORY = {
  projects: 'transcripts of its sessions, with the messages they read',
  'history.jsonl': 'prompts that were typed',
  'shell-snapshots': 'the shells of its sessions, with their PATH',
  'session-env': 'variables of its sessions',
  debug: 'logs of its sessions',
  backups: 'backups of its settings',
}

/** What of the switchboard the client keeps once the plugin is taken out: its own files, that are not ours to change. */
export function keptByClient(env: NodeJS.ProcessEnv): Kept[] {
  const folder = claudeFolder(env)
  const history = Object.entries(HISTORY).map(([name, what]) => ({ path: join(folder, name), what }))
  const logs = cacheFolders(env).map(cache => ({ path: join(cache, 'claude-cli-nodejs'), what: 'logs of MCP servers' }))
  const main = env.CLAUDE_CONFIG_DIR ? join(folder, '.claude.json') : join(userHome(env), '.claude.json')
  const folders = [folder, ...projectsIn(main).map(project => join(project, '.claude'))]
  const settings = folders.flatMap(each => ['settings.json', 'settings.local.json'].map(name => join(each, name)))
  const naming = [...new Set([main, ...settings])].filter(path => textOf(path).includes('switchboard'))
  return [
    ...[...history, ...logs].filter(({ path }) => existsSync(path)),
    ...naming.map(path => ({
      path,
      what: 'names the switchboard: an MCP entry, a permission rule or a path of yours, or that the plugin was taken out',
    })),
  ]
}

/** Of Linux and of macOS. */
function cacheFolders(env: NodeJS.ProcessEnv): string[] {
  const home = userHome(env)
  return [folderIn(env, 'XDG_CACHE_HOME') ?? join(home, '.cache'), join(home, 'Library', 'Caches')]
}

/** The folders that the client has been used in. */
function projectsIn(main: string): string[] {
  try {
    const { projects } = JSON.parse(textOf(main)) as { projects?: object }
    return Object.keys(projects ?? {})
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
