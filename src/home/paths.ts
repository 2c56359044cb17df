import { createHash } from 'node:crypto'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

/** Where everything lies: in one folder (`SWITCHBOARD_HOME`), or in the places of the XDG base directory specification. */
export interface HomePaths {
  /** The store. */
  readonly data: string
  /** Configuration and the user's credential. */
  readonly config: string
  /** Logs, and what sessions on this machine leave for their own shells. */
  readonly state: string
  readonly storeFile: string
  readonly configFile: string
  readonly credentialFile: string
  readonly sessionsFolder: string
  readonly logFile: string
  /** Held by the running hub; says nothing by existing. */
  readonly lockFile: string
  /** Where the running hub can be reached, for people and programs. */
  readonly hubFile: string
  readonly socket: string
}

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing NUL included. */
const MAX_SOCKET_BYTES = 103

export function homePaths(env: NodeJS.ProcessEnv = process.env): HomePaths {
  const one = env.SWITCHBOARD_HOME ? resolve(env.SWITCHBOARD_HOME) : undefined
  const home = env.HOME ?? homedir()
  const data = one ?? join(env.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'switchboard')
  const config = one ?? join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'switchboard')
  const state = one ?? join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'switchboard')
  const runtime = one ?? (env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'switchboard') : state)
  return {
    data,
    config,
    state,
    storeFile: join(data, 'store.db'),
    configFile: join(config, 'config.toml'),
    credentialFile: join(config, 'credential'),
    sessionsFolder: join(state, 'sessions'),
    logFile: join(state, 'hub.log'),
    lockFile: join(data, 'hub.lock'),
    hubFile: join(data, 'hub.json'),
    socket: socketPath(runtime),
  }
}

/** A socket's path has a limit that a folder's has not: where it would be too long it moves to a private temp folder. */
function socketPath(runtime: string): string {
  const wished = join(runtime, 'hub.sock')
  if (Buffer.byteLength(wished) <= MAX_SOCKET_BYTES) return wished
  const mark = createHash('sha256').update(runtime).digest('hex').slice(0, 12)
  return join(tmpdir(), `switchboard-${userInfo().uid}-${mark}`, 'hub.sock')
}
