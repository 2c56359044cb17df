import type { Sandbox } from './sandbox.ts'

/** How to start a client. The OS user is the sandbox's, since the HOME belongs to it. */
export interface LaunchOptions {
  cwd?: string
  pluginDir?: string | string[]
  /** An object is passed as JSON, a string as a path. The same goes for `settings`. */
  mcpConfig?: object | string
  settings?: object | string
  permissionMode?: 'manual' | 'auto' | 'acceptEdits' | 'plan' | 'dontAsk' | 'bypassPermissions'
  allowedTools?: string[]
  /** A session to take up again; `true` for the latest of this folder. */
  resume?: string | true
  /** With `resume`: under a new id. */
  fork?: boolean
  name?: string
  env?: Record<string, string>
  args?: string[]
}

export function argsOf(options: LaunchOptions): string[] {
  const args: string[] = []
  const add = (flag: string, value: string | undefined) => {
    if (value !== undefined) args.push(flag, value)
  }
  for (const folder of [options.pluginDir ?? []].flat()) add('--plugin-dir', folder)
  add('--mcp-config', asJson(options.mcpConfig))
  add('--settings', asJson(options.settings))
  add('--permission-mode', options.permissionMode)
  if (options.allowedTools !== undefined) args.push(`--allowedTools=${options.allowedTools.join(',')}`)
  if (options.resume === true) args.push('--continue')
  else add('--resume', options.resume)
  if (options.fork === true) args.push('--fork-session')
  add('--name', options.name)
  return [...args, ...(options.args ?? [])]
}

export function placeOf(sandbox: Sandbox, options: LaunchOptions) {
  return { cwd: options.cwd ?? sandbox.project, env: { ...sandbox.env, ...options.env } }
}

function asJson(value: object | string | undefined): string | undefined {
  return typeof value === 'object' ? JSON.stringify(value) : value
}
