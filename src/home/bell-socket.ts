import { dirname, join } from 'node:path'
import type { HomePaths } from './paths.ts'

/** Where the session process beside a client can be reached by what that client runs to be woken. */
export function bellSocket(paths: HomePaths, clientPid: number): string {
  // Beside the hub's, whose folder is chosen so that a socket's path fits.
  return join(dirname(paths.socket), `b${clientPid}`)
}
