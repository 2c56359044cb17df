import { access, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { catalog } from '../operations/catalog.ts'
import { type Repository, repositoryOf, type SessionFacts } from './facts.ts'

const TAKES_PATH = new Set(catalog.filter(entry => entry.takesPath).map(entry => entry.name))

type Surroundings = Pick<SessionFacts, 'cwd' | 'repo' | 'worktree'>

/** Asked once each: git takes longer than a hook may wait, and a folder does not change its repository. */
const repositories = new Map<string, Promise<Repository | undefined>>()

/**
 * Adds to an operation's input what only this side can see: where its path leads through symbolic links, and in which
 * repository that is. The hub knows those of its sessions only. A path in the caller's own worktree is left as it is
 * written.
 */
export async function withPathFacts(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  ownFacts: () => Surroundings | Promise<Surroundings>,
): Promise<Record<string, unknown>> {
  const { path } = input
  if (!TAKES_PATH.has(operation) || typeof path !== 'string' || 'facts' in input) return input
  const own = await ownFacts()
  // In a repository the hub takes a relative path from its top; outside any it is one of the caller's folder.
  const from = own.repo === undefined ? own.cwd : undefined
  if (!isAbsolute(path) && from === undefined) return input
  const written = resolve(from ?? '/', path)
  const real = await realOf(written)
  const top = await topOf(real)
  if (top !== undefined && top === own.worktree && written.startsWith(top + sep)) return input
  const slash = /[\\/]$/.test(path) ? '/' : ''
  const facts = top === undefined ? undefined : await known(top)
  return { ...input, path: real + slash, ...(facts === undefined ? {} : { facts }) }
}

/** Without symbolic links on the way; a file's own name stays, also where it is one. What is not there yet stays too. */
async function realOf(path: string): Promise<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true
  let folder = isFolder ? path : dirname(path)
  const rest = isFolder ? [] : [basename(path)]
  for (;;) {
    const real = await realpath(folder).catch(() => undefined)
    if (real !== undefined) return join(real, ...rest)
    if (folder === dirname(folder)) return path
    rest.unshift(basename(folder))
    folder = dirname(folder)
  }
}

/** The top of the worktree around a path, as git would find it, without running git. */
async function topOf(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    const isTop = await access(join(folder, '.git')).then(
      () => true,
      () => false,
    )
    if (isTop) return folder
    if (folder === dirname(folder)) return undefined
  }
}

async function known(top: string): Promise<Repository | undefined> {
  const asked = repositories.get(top) ?? repositoryOf(top)
  repositories.set(top, asked)
  const found = await asked
  if (found === undefined) repositories.delete(top)
  return found
}
