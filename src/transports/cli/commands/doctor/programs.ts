import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { BusError } from '../../../../bus/errors.ts'
import { isVersionAtLeast } from '../../dotted-version.ts'
import type { Io } from '../../io.ts'
import { claudeClient } from '../setup/claude-client.ts'
import { clientVersion, tooOldError } from '../setup/client-version.ts'
import { type Check, fail, ok, warn } from './check.ts'

const MIN_NODE = '20.19'
/** 3.3a crashes whole when text is pasted into a dead pane. */
const GOOD_TMUX = '3.4'
const VERSION_MS = 5_000

export function node(version = process.versions.node): Check {
  return isVersionAtLeast(version, MIN_NODE)
    ? ok('node', version)
    : fail('node', version, `Install Node ${MIN_NODE} or newer.`)
}

export async function tmux(env: NodeJS.ProcessEnv): Promise<Check> {
  const { version, fault } = await versionOf('tmux', ['-V'], /tmux (?:next-)?(\S+)/, env)
  const mend = 'Only needed to wake idle sessions in tmux panes; else ignore this.'
  if (version === undefined) return warn('tmux', fault ?? 'not installed', mend)
  return isVersionAtLeast(version, GOOD_TMUX)
    ? ok('tmux', version)
    : warn('tmux', version, `Update to tmux ${GOOD_TMUX} or newer: older ones can crash when a pane dies.`)
}

export async function git(env: NodeJS.ProcessEnv, stepMs = VERSION_MS): Promise<Check> {
  const { version, fault } = await versionOf('git', ['--version'], /version (\S+)/, env, stepMs)
  if (version !== undefined) return ok('git', version)
  return warn(
    'git',
    fault ?? 'not found on the PATH',
    `${fault === undefined ? 'Install it' : 'Run it by hand to see why'}: without it no session is known to be in a repository, so worktrees of one share no claims and \`repo:\` reaches nobody.`,
  )
}

export async function claude(io: Io): Promise<Check> {
  const name = 'claude code'
  try {
    const version = await clientVersion(claudeClient(io, { stepMs: VERSION_MS }))
    const tooOld = tooOldError(version, io)
    return tooOld === undefined ? ok(name, version) : warn(name, tooOld.message, tooOld.next ?? '')
  } catch (error) {
    if (io.signal.aborted) throw error
    const { message, next } = error as BusError
    return warn(name, message, next ?? 'Install it if you want its sessions on the bus.')
  }
}

/** Neither of both: there is no such program. */
interface Asked {
  readonly version?: string | undefined
  /** Why one that is there does not say it. */
  readonly fault?: string
}

async function versionOf(
  program: string,
  args: string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv,
  stepMs = VERSION_MS,
): Promise<Asked> {
  const asked = `\`${[program, ...args].join(' ')}\``
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env,
      timeout: stepMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    })
    const version = pattern.exec(stdout)?.[1]
    return version === undefined ? { fault: `${asked} named no version` } : { version }
  } catch (error) {
    const { code, signal, killed } = error as { code?: unknown; signal?: string; killed?: boolean }
    if (killed) return { fault: `${asked} did not end within ${stepMs / 1000} s` }
    return code === 'ENOENT' ? {} : { fault: `${asked} failed: ${signal ?? code}` }
  }
}
