import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BusError } from '../../../../bus/errors.ts'
import { loadConfig } from '../../../../home/config.ts'
import type { HomePaths } from '../../../../home/paths.ts'
import { quoted } from '../../program-words.ts'
import { type Check, fail, ok } from './check.ts'

/** Folders that only their owner may enter, files that only their owner may read. */
export async function homeFiles(paths: HomePaths): Promise<Check[]> {
  const folders = [...new Set([paths.data, paths.config, paths.state, dirname(paths.socket)])]
  const files = [paths.storeFile, paths.credentialFile, paths.logFile]
  return [
    await isPrivate('home', folders, 'folder', '700'),
    await isPrivate('files', files, 'file', '600'),
    await isPrivate('socket', [paths.socket], 'socket', '600'),
  ]
}

/** The file itself: a hub that runs has read it long ago, and the next one may be unable to. */
export async function configFile({ configFile }: HomePaths, env: NodeJS.ProcessEnv): Promise<Check> {
  try {
    await loadConfig(configFile, env)
    return ok(
      'config',
      (await statOf(configFile)) === undefined ? `defaults, because there is no ${configFile}` : configFile,
    )
  } catch (error) {
    const next = error instanceof BusError ? error.next : undefined
    return fail('config', (error as Error).message, [next, 'No hub can start with it.'].filter(Boolean).join(' '))
  }
}

type Kind = 'folder' | 'file' | 'socket'

async function isPrivate(name: string, paths: readonly string[], kind: Kind, mode: string): Promise<Check> {
  const problems: { path: string; what: string; mend: string }[] = []
  const present: string[] = []
  for (const path of paths) {
    const found = await statOf(path)
    if (found === undefined) continue
    present.push(path)
    const isKind = { folder: found.isDirectory(), file: found.isFile(), socket: found.isSocket() }[kind]
    const isOwn = process.getuid === undefined || found.uid === process.getuid()
    // Windows keeps no such modes; there the user's profile is private by its own lists.
    const isClosed = process.platform === 'win32' || (found.mode & 0o077) === 0
    if (!isKind || !isOwn) {
      problems.push({ path, what: isKind ? 'is somebody else’s' : `is no ${kind}`, mend: `Remove ${path}.` })
    } else if (!isClosed) {
      problems.push({
        path,
        what: `has mode ${(found.mode & 0o777).toString(8)}`,
        mend: `chmod ${mode} ${quoted(path)}`,
      })
    }
  }
  if (problems.length > 0) {
    return fail(
      name,
      problems.map(({ path, what }) => `${path} ${what}`).join('; '),
      problems.map(each => each.mend).join('; '),
    )
  }
  return ok(name, present.length === 0 ? 'none yet' : present.join(', '))
}

async function statOf(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
