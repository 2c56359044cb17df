import { statSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'

/** The nearest folder at or above a path that is there; the root where nothing is known. */
export function existing(path: string | undefined): string {
  if (path === undefined || !isAbsolute(path)) return '/'
  let folder = path
  while (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true && dirname(folder) !== folder) {
    folder = dirname(folder)
  }
  return folder
}
