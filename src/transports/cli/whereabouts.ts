import { defined } from '../../bus/defined.ts'
import { BusError } from '../../bus/errors.ts'
import type { CatalogEntry } from '../../operations/catalog.ts'
import type { Invocation } from './command.ts'
import type { Actor } from './identity.ts'

export const PATH_HELP = `A path is relative to the top of the session's worktree; for the operator, for
a credential that may not read, and where it begins with ./ or ../, to the
shell's folder.`

/** The input with what only a program in the shell's folder can tell: which file a path means, and which repo this is. */
export async function fromHere(
  { name, takesPath }: Pick<CatalogEntry, 'name' | 'takesPath'>,
  input: Record<string, unknown>,
  acting: Actor,
  invocation: Invocation,
): Promise<Record<string, unknown>> {
  const { path, repo, scope } = input
  // One that lies in a repository which is named may be on no disk here.
  if (repo !== undefined) return input
  if (takesPath && typeof path === 'string' && path !== '') return await withPath(path, input, acting, invocation)
  if (name === 'list_sessions' && (scope === 'repo' || scope === 'machine')) {
    const { factsOf } = await import('./identity.ts')
    const { repo, machine } = await factsOf(invocation)
    return { ...input, facts: defined({ machine, repo, ...(input.facts as object | undefined) }) }
  }
  return input
}

async function withPath(path: string, input: Record<string, unknown>, acting: Actor, { io }: Invocation) {
  const [{ SEPARATOR, withPathFacts }, { machineName }, { homePaths }] = await Promise.all([
    import('../../workspace/paths.ts'),
    import('../../home/machine.ts'),
    import('../../home/paths.ts'),
  ])
  const machine = await machineName(homePaths(io.env))
  const isOfShell = acting.as === 'operator' || ['.', '..'].includes(path.split(SEPARATOR)[0]!)
  if (isOfShell) return await withPathFacts({ ...input, path: io.at(path) }, { machine })
  const folder = await sessionFolder(acting)
  if (folder === undefined) return await withPathFacts({ ...input, path: io.at(path) }, { machine })
  return await withPathFacts(input, { machine, ...folder })
}

/** Where the session lives that this shell acts as; a token has no folder. Undefined where the credential may not ask. */
async function sessionFolder({ client }: Actor): Promise<{ worktree?: string; cwd?: string } | undefined> {
  try {
    const { worktree, cwd } = await client.call('whoami', {})
    return defined({ worktree, cwd })
  } catch (error) {
    if (error instanceof BusError && error.code === 'session_required') return {}
    if (error instanceof BusError && error.code === 'forbidden') return undefined
    throw error
  }
}
