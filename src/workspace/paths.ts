import { isAbsolute, join, sep } from 'node:path'
import { say } from '../bus/say.ts'
import { requireWhole } from '../home/system-text.ts'
import { below, isCaseIgnored, realPath, topAround } from './disk.ts'
import type { SessionFacts } from './facts.ts'
import { repositoryAround } from './repository.ts'

/** From where a relative path is meant: the top of a worktree, or a folder outside any repository. */
export type Workspace = Pick<SessionFacts, 'cwd' | 'worktree' | 'machine'>

/** What parts names on this machine: a backslash may be in a name but on Windows. */
export const SEPARATOR = sep === '/' ? /\// : /[\\/]/

/**
 * Adds to an operation's input what only a program beside the disk can see: the one name of the file that its `path`
 * means, and in which repository that lies. A hub knows the worktrees of its sessions only, and no disk. Where git takes
 * longer than `maxGitMs` to name a repository that is asked about for the first time, that has to do.
 */
export async function withPathFacts(
  input: Readonly<Record<string, unknown>>,
  workspace: Workspace,
  { maxGitMs = Number.POSITIVE_INFINITY } = {},
): Promise<Record<string, unknown>> {
  const { path } = input
  if (typeof path !== 'string' || path === '' || 'facts' in input || 'repo' in input) return input
  const from = workspace.worktree ?? workspace.cwd
  if (!isAbsolute(path) && from === undefined) return input
  const { plain, wild } = parted(below(from ?? '/', path))
  const real = await realPath(plain)
  const named = join(real, wild)
  requireWhole(named, say('a path'), say('Rename the folder or file to a name that is UTF-8.'))
  const isFolder = SEPARATOR.test(path.at(-1)!) && !named.endsWith(sep)
  const facts = await within(maxGitMs, factsOf(real, workspace.machine))
  return { ...input, path: named + (isFolder ? '/' : ''), ...(facts && { facts }) }
}

async function factsOf(path: string, machine: string): Promise<Record<string, unknown>> {
  const top = await topAround(path)
  const found = top === undefined ? 'none' : await repositoryAround(top, machine)
  if (typeof found === 'string') return { ignores_case: await isCaseIgnored(path) }
  const { repo, worktree = top, ignoresCase } = found
  return { repo, worktree, ignores_case: ignoresCase }
}

/** The folders before the first wildcard lie on the disk; what follows stands for many names there. */
function parted(path: string): { plain: string; wild: string } {
  const parts = path.split(SEPARATOR)
  const first = parts.findIndex(part => /[*?{]/.test(part))
  if (first < 0) return { plain: path, wild: '' }
  return { plain: parts.slice(0, first).join('/') || '/', wild: parts.slice(first).join('/') }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  if (ms === Number.POSITIVE_INFINITY) return await promise
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), ms).unref()
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
