import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Check, fail, isAtLeast, ok, warn } from './check.ts'

const MIN_NODE = '20.19'
/** 3.3a crashes whole when text is pasted into a dead pane. */
const GOOD_TMUX = '3.4'
const VERSION_MS = 5_000

export function node(version = process.versions.node): Check {
  return isAtLeast(version, MIN_NODE)
    ? ok('node', version)
    : fail('node', version, `Install Node ${MIN_NODE} or newer.`)
}

export async function tmux(env: NodeJS.ProcessEnv): Promise<Check> {
  const version = /tmux (?:next-)?(\S+)/.exec((await output('tmux', ['-V'], env)) ?? '')?.[1]
  if (version === undefined) {
    return warn('tmux', 'not installed', 'Only needed to wake idle sessions in tmux panes; else ignore this.')
  }
  return isAtLeast(version, GOOD_TMUX)
    ? ok('tmux', version)
    : warn('tmux', version, `Update to tmux ${GOOD_TMUX} or newer: older ones can crash when a pane dies.`)
}

export async function claude(env: NodeJS.ProcessEnv): Promise<Check> {
  const version = (await output('claude', ['--version'], env))?.split(/\s/)[0]
  return version === undefined
    ? warn('claude code', 'not found on the PATH', 'Install it if you want its sessions on the bus.')
    : ok('claude code', version)
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
