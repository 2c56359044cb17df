import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, sep } from 'node:path'

/** As many links as the system itself follows. */
const MAX_LINKS = 40

/**
 * The one name of a file: without symbolic links on the way or at its end, in the letter case of the disk. What is not
 * there yet keeps its name behind the folder in which it will lie, also where a link already points to it. `..` is the
 * folder around what is really there, as where the file is opened; so the path is not to be resolved as text before.
 */
export async function realPath(path: string, links = { left: MAX_LINKS }): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real !== undefined) return real
  const folder = dirname(path)
  if (folder === path) return path
  const within = await realPath(folder, links)
  const named = join(within, basename(path))
  const target = links.left > 0 ? await readlink(named).catch(() => undefined) : undefined
  if (target === undefined) return named
  links.left--
  return await realPath(below(within, target), links)
}

/** A path from a folder on, without making anything of its `..`. */
export function below(folder: string, path: string): string {
  return isAbsolute(path) ? path : `${folder}${sep}${path}`
}

/** The top of the worktree around a path, as git would find it, without running git. */
export async function topAround(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (await lstat(join(folder, '.git')).catch(() => undefined)) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** Whether the disk takes the name of something in or above a folder for the same in the other letter case. */
export async function isCaseIgnored(folder: string): Promise<boolean> {
  for (const path of [join(folder, '.git'), folder]) {
    const name = basename(path)
    const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()
    if (other === name) continue
    const [written, swapped] = await Promise.all([inodeOf(path), inodeOf(join(dirname(path), other))])
    if (written !== undefined) return written === swapped
  }
  const above = dirname(folder)
  return above === folder ? false : await isCaseIgnored(above)
}

async function inodeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && `${found.dev} ${found.ino}`
}
