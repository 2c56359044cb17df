import { homedir } from 'node:os'
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
  /** Where the running hub can be reached, for people and programs; see hub-file.ts. */
  readonly hubFile: string
  /** Where it listens, unless that path is too long for a socket. */
  readonly socket: string
  /** Names the folder in which it listens then. */
  readonly socketKey: string
}

export function homePaths(env: NodeJS.ProcessEnv = process.env): HomePaths {
  const one = env.SWITCHBOARD_HOME ? resolve(env.SWITCHBOARD_HOME) : undefined
  const home = env.HOME ?? homedir()
  const data = one ?? join(env.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'switchboard')
  const config = one ?? join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'switchboard')
  const state = one ?? join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'switchboard')
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
    socket: join(data, 'hub.sock'),
    socketKey: join(data, 'socket-key'),
  }
}
