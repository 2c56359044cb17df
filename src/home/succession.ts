import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HomePaths } from './paths.ts'
import { readPrivate, writePrivate } from './private-files.ts'

/**
 * Which conversation went on under another id while the hub could not be told. Kept on disk until it has been: the
 * process that knows may be killed before, and the next one would be a stranger to the hub.
 */
export interface Succession {
  /** Under which ids the hub may still know the conversation that now has this one, the latest first. */
  predecessorsOf(clientId: string): Promise<string[]>
  note(clientId: string, predecessors: readonly string[]): Promise<void>
  /** The hub has been told. */
  forget(clientId: string): Promise<void>
}

export function successionIn({ state }: HomePaths): Succession {
  // Ids come from outside, so the file is named by a digest.
  const fileOf = (clientId: string) =>
    join(state, 'succession', createHash('sha256').update(clientId).digest('hex').slice(0, 24))
  return {
    async predecessorsOf(clientId) {
      try {
        return (readPrivate(fileOf(clientId)) ?? '').split('\n').filter(line => line !== '')
      } catch {
        return []
      }
    },
    note: (clientId, predecessors) => writePrivate(fileOf(clientId), `${predecessors.join('\n')}\n`),
    forget: clientId => rm(fileOf(clientId), { force: true }),
  }
}
