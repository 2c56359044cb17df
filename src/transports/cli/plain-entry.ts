import type { Io } from './io.ts'
import { programWords, quoted } from './program-words.ts'

/** What to type for the tools alone, where Claude Code gets no plugin. */
export function plainEntry(io: Io): string {
  const home = io.env.SWITCHBOARD_HOME
  // Another home is another bus: agents must be told of it, because they get no environment of this shell.
  const at = home ? ` --env ${quoted(`SWITCHBOARD_HOME=${home}`)}` : ''
  return `claude mcp add --scope user switchboard${at} -- ${programWords(io).anywhere} mcp`
}
