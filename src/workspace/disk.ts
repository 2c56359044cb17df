import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** As many links as the system itself follows. */
const MAX_LINKS = 40

/**
 * The one name of a file: without symbolic links on the way or at its end, in the letter case of the disk. What is not
 * there yet keeps its name behind the folder in which it will lie, also where a link already points to it.
 */
export async function realPath(path: string, links = MAX_LINKS): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real !== undefined) return real
  const target = links > 0 ? await readlink(path).catch(() => undefined) : undefined
  if (target !== undefined) return await realPath(resolve(dirname(path), target), links - 1)
  const folder = dirname(path)
  return folder === path ? path : join(await realPath(folder, links), basename(path))
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
