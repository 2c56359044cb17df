import { homedir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { BusError } from '../bus/errors.ts'
import { quoted, say } from '../bus/say.ts'
import { requireWhole } from './system-text.ts'

/**
 * A folder that a variable names. An empty or relative one counts as unset, as the XDG specification has it: a relative
 * one would be another folder in each shell, and the user's credential was once written into the current one.
 */
export function folderIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]
  if (value === undefined || !isAbsolute(value)) return undefined
  requireWhole(value, say`${name}`, say('Name a folder whose name is UTF-8.'))
  return value
}

/** The one folder for everything, where the user has named one. Refused where it would be another one in each folder. */
export function namedHome(env: NodeJS.ProcessEnv): string | undefined {
  const { SWITCHBOARD_HOME: written } = env
  if (!written) return undefined
  const folder = folderIn(env, 'SWITCHBOARD_HOME')
  if (folder !== undefined) return resolve(folder)
  throw new BusError('invalid_input', say`expected SWITCHBOARD_HOME to be an absolute path, got ${quoted(written)}`, {
    next: 'Write it from the root on, as in /home/me/bus: `~` is for a shell to replace, and a relative one would be another home in each folder.',
  })
}

/** The user's home: HOME, else what the system's list of users says. A container's user may have neither. */
export function userHome(env: NodeJS.ProcessEnv): string {
  const home = folderIn(env, 'HOME') ?? listedHome()
  if (home !== undefined) return home
  throw new BusError('invalid_input', say`expected HOME to be an absolute path, got ${env.HOME || 'none'}`, {
    next: 'Set HOME, or SWITCHBOARD_HOME to a folder for all that Switchboard keeps.',
  })
}

/** Where Claude Code keeps its own files. */
export function claudeFolder(env: NodeJS.ProcessEnv): string {
  return env.CLAUDE_CONFIG_DIR || join(userHome(env), '.claude')
}

function listedHome(): string | undefined {
  for (const ask of [() => userInfo().homedir, homedir]) {
    try {
      const home = ask()
      if (isAbsolute(home)) return home
    } catch {
      // No entry for this user.
    }
  }
  return undefined
}
