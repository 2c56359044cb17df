import { resolve } from 'node:path'
import { defined } from '../../bus/defined.ts'
import type { CatalogEntry } from '../../operations/catalog.ts'
import type { Invocation } from './command.ts'
import type { Actor } from './identity.ts'

export const PATH_HELP = `A path is relative to the top of the session's worktree; for the operator, to the shell's folder.
One that begins with ./ or ../ is relative to the shell's folder, whoever asks.`

/** The input with what only a program in the shell's folder can tell: what a path there means, and which repo it is. */
export async function fromHere(
  { name, takesPath }: Pick<CatalogEntry, 'name' | 'takesPath'>,
  input: Record<string, unknown>,
  { as }: Actor,
  invocation: Invocation,
): Promise<Record<string, unknown>> {
  const { path, scope } = input
  // The operator is in no repo, so every relative path means what it means to the shell.
  if (takesPath && typeof path === 'string' && (as === 'operator' || /^\.\.?(?:[\\/]|$)/.test(path))) {
    return { ...input, path: resolve(invocation.io.cwd, path) }
  }
  if (name === 'list_sessions' && (scope === 'repo' || scope === 'machine')) {
    const { factsOf } = await import('./identity.ts')
    const { repo, machine } = await factsOf(invocation)
    return { ...input, facts: defined({ machine, repo, ...(input.facts as object | undefined) }) }
  }
  return input
}
