import { statSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'

let isGone = false

/** Goes to what is left of the way to the current folder, where that is deleted: whatever asks for it throws there. */
export function standSomewhere(): void {
  process.chdir(existing(process.env.PWD))
  isGone = true
}

/** Whether the shell's folder is deleted, so that what is named from there on is nowhere. */
export function isFolderGone(): boolean {
  return isGone
}

/** The nearest folder at or above a path that is there; the root where nothing is known. */
function existing(path: string | undefined): string {
  if (path === undefined || !isAbsolute(path)) return '/'
  let folder = path
  while (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true && dirname(folder) !== folder) {
    folder = dirname(folder)
  }
  return folder
}
