import { join } from 'node:path'
import { folderIn, namedHome, userHome } from './user-folder.ts'

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
  /** There while a program starts the hub; see start-turn.ts. */
  readonly startFile: string
  /** Where the running hub can be reached, for people and programs; see hub-file.ts. */
  readonly hubFile: string
  /** Where it listens, unless that path is too long for a socket. */
  readonly socket: string
  /** Names the folder in which it listens then. */
  readonly socketKey: string
}

export function homePaths(env: NodeJS.ProcessEnv = process.env): HomePaths {
  const one = namedHome(env)
  const placeOf = (variable: string, ...usual: string[]) =>
    one ?? join(folderIn(env, variable) ?? join(userHome(env), ...usual), 'switchboard')
  const data = placeOf('XDG_DATA_HOME', '.local', 'share')
  const config = placeOf('XDG_CONFIG_HOME', '.config')
  const state = placeOf('XDG_STATE_HOME', '.local', 'state')
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
    startFile: join(data, 'hub.starting'),
    hubFile: join(data, 'hub.json'),
    socket: join(data, 'hub.sock'),
    socketKey: join(data, 'socket-key'),
  }
}
