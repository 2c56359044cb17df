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
  const version = /tmux (?:next-)?(\S+)/.exec((await output('tmux', ['-V'], env)) ?? '')?.[1]
  if (version === undefined) {
    return warn('tmux', 'not installed', 'Only needed to wake idle sessions in tmux panes; else ignore this.')
  }
  return isVersionAtLeast(version, GOOD_TMUX)
    ? ok('tmux', version)
    : warn('tmux', version, `Update to tmux ${GOOD_TMUX} or newer: older ones can crash when a pane dies.`)
}

export async function git(env: NodeJS.ProcessEnv): Promise<Check> {
  const version = /version (\S+)/.exec((await output('git', ['--version'], env)) ?? '')?.[1]
  return version === undefined
    ? warn(
        'git',
        'not found on the PATH',
        'Install it: without it no session is known to be in a repository, so worktrees of one share no claims and `repo:` reaches nobody.',
      )
    : ok('git', version)
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

async function output(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env,
      timeout: VERSION_MS,
      killSignal: 'SIGKILL',
      windowsHide: true,
    })
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}
