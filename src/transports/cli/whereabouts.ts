import { resolve } from 'node:path'
import { defined } from '../../bus/defined.ts'
import type { Invocation } from './command.ts'
import type { Actor } from './identity.ts'

/** Operations whose `path` is one on this machine's disk. */
const WITH_PATH = new Set(['claim', 'release', 'list_claims'])

export const PATH_HELP = `A path is relative to the top of the session's worktree; for the operator, to the shell's folder.
One that begins with ./ or ../ is relative to the shell's folder, whoever asks.`

export function hasPath(operation: string): boolean {
  return WITH_PATH.has(operation)
}

/** The input with what only a program in the shell's folder can tell: what a path there means, and which repo it is. */
export async function fromHere(
  operation: string,
  input: Record<string, unknown>,
  { as }: Actor,
  invocation: Invocation,
): Promise<Record<string, unknown>> {
  const { path, scope } = input
  // The operator is in no repo, so every relative path means what it means to the shell.
  if (hasPath(operation) && typeof path === 'string' && (as === 'operator' || /^\.\.?(?:[\\/]|$)/.test(path))) {
    return { ...input, path: resolve(invocation.io.cwd, path) }
  }
  if (operation === 'list_sessions' && (scope === 'repo' || scope === 'machine')) {
    const { factsOf } = await import('./identity.ts')
    const { repo, machine } = await factsOf(invocation)
    return { ...input, facts: defined({ machine, repo, ...(input.facts as object | undefined) }) }
  }
  return input
}
