import { BusError } from '../../../../bus/errors.ts'
import { retold, say } from '../../../../bus/say.ts'
import { isVersionAtLeast } from '../../dotted-version.ts'
import type { Io } from '../../io.ts'
import { plainEntry } from '../../plain-entry.ts'
import type { ClaudeClient } from './claude-client.ts'

/**
 * The oldest Claude Code that the end-to-end tests run the plugin on. 2.1.112 takes it and loads none of it, because it
 * does not know `mcp_tool` hooks, which came with 2.1.118.
 */
export const MIN_CLIENT = '2.1.200'

export async function clientVersion(client: ClaudeClient): Promise<string> {
  // `2.1.332 (Claude Code)`
  const found = /^\d+\.\d+\.\d+/.exec((await client.run(['--version'])).trim())?.[0]
  if (found !== undefined) return found
  throw new BusError('internal', 'expected a version from `claude --version`, got other text', {
    next: 'Update Claude Code.',
  })
}

/** Why a client of this version gets no plugin, and what it gets instead. */
export function tooOldError(version: string, io: Io): BusError | undefined {
  if (isVersionAtLeast(version, MIN_CLIENT)) return undefined
  return new BusError('not_found', say`expected Claude Code ${MIN_CLIENT} or newer for the plugin, got ${version}`, {
    next: say`Update it (\`claude update\`). Until then it can have the tools alone: \`${retold(plainEntry(io))}\`.`,
  })
}
