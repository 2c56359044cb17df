import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { BusError } from '../../../../bus/errors.ts'
import { loadConfig } from '../../../../home/config.ts'
import { isOwnFile, isOwnSocket, ownFolder } from '../../../../home/ownership.ts'
import type { HomePaths } from '../../../../home/paths.ts'
import { hubSocket, wakeSockets } from '../../../../home/sockets.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** Folders that only their owner may enter, files that only their owner may read, sockets that nobody else may use. */
export function homeLooks(paths: HomePaths): [name: string, look: () => Check][] {
  const socket = () => [hubSocket(paths)]
  const folders = () => [paths.data, paths.config, paths.state, ...socket().map(path => dirname(path))]
  const files = () => [paths.storeFile, paths.credentialFile, paths.logFile, paths.hubFile]
  const looks: [name: string, isOwn: Look, places: () => readonly string[]][] = [
    ['home', ownFolder, folders],
    ['files', isOwnFile, files],
    ['socket', isOwnSocket, socket],
    ['wake', isOwnSocket, () => wakeSockets(paths)],
  ]
  return looks.map(([name, isOwn, places]) => [name, () => look(name, isOwn, places)])
}

/** What a hub has laid aside because it was damaged or did not belong to its store. It removes nothing. */
export function asideFiles({ data, storeFile }: HomePaths): Check[] {
  const names = existsSync(data) ? readdirSync(data) : []
  const aside = names.filter(name => name.startsWith(basename(storeFile)) && name.includes('.aside-'))
  if (aside.length === 0) return []
  const where = aside.map(name => join(data, name)).join(', ')
  return [warn('laid aside', where, 'Keep it for as long as you may miss something of it, then remove it.')]
}

/** The file itself: a hub that runs has read it long ago, and the next one may be unable to. */
export async function configFile({ configFile }: HomePaths, env: NodeJS.ProcessEnv): Promise<Check> {
  try {
    await loadConfig(configFile, env)
    return ok('config', existsSync(configFile) ? configFile : `defaults, because there is no ${configFile}`)
  } catch (error) {
    const next = error instanceof BusError ? error.next : undefined
    return fail('config', (error as Error).message, [next, 'No hub can start with it.'].filter(Boolean).join(' '))
  }
}

/** Gives what is there; throws where it is not the user's own. */
type Look = (path: string) => unknown

function look(name: string, isOwn: Look, places: () => readonly string[]): Check {
  const present: string[] = []
  const faults: BusError[] = []
  const note = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof BusError)) throw error
      faults.push(error)
      return undefined
    }
  }
  for (const path of new Set(note(places))) {
    if (note(() => isOwn(path))) present.push(path)
  }
  if (faults.length === 0) return ok(name, present.length === 0 ? 'none yet' : present.join(', '))
  return fail(name, faults.map(({ message }) => message).join('; '), faults.map(({ next }) => next).join(' '))
}
