import type { Command, Commit } from '../bus/store.ts'
import { committed } from './commit.ts'
import type { Call } from './operation.ts'

/**
 * What these commands gave when they were committed under the call's key, if they were: a call whose answer was lost is
 * answered again before it is looked at, because what it did is often what it would be refused for now.
 */
export async function resultsOfBefore<const C extends readonly Command[]>(
  call: Call,
  commands: C,
): Promise<(Commit<C> & { ok: true })['results'] | undefined> {
  if (call.key === undefined) return undefined
  const commit = await call.commit(commands, { ...call.key, onlyRepeat: true })
  if (!commit.ok && commit.conflict.code === 'not_found' && commit.conflict.what === 'key') return undefined
  return committed(commit)
}
