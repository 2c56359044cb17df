import { BusError } from './errors.ts'
import { quoted, say } from './say.ts'

/**
 * Groups of tools that a person can switch off to save context. `admin` never becomes a tool; `hooks` is what session
 * processes ask on behalf of their agent's client, neither tool nor command.
 */
export const TOOLSETS = ['talk', 'state', 'claims', 'admin', 'hooks'] as const
export type Toolset = (typeof TOOLSETS)[number]

/** Administration stays with the person, and hooks are for programs. */
export const FOR_MODELS: readonly Toolset[] = ['talk', 'state', 'claims']

/** `talk,claims` → those; nothing → all. A typing error, or a list that names none, is refused: it would leave out tools, or switch none off, unseen. */
export function toolsetsOf(written: string | undefined): readonly Toolset[] {
  const wanted = (written ?? '')
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const unknown = wanted.find(each => !FOR_MODELS.some(toolset => toolset === each))
  const namesNone = wanted.length === 0 && (written ?? '') !== ''
  if (unknown !== undefined || namesNone) {
    throw new BusError(
      'invalid_input',
      say`SWITCHBOARD_TOOLSETS: expected some of ${FOR_MODELS}, got ${quoted(unknown ?? written!)}`,
      {
        next: 'Name those that are wanted, with commas between them, or unset it for all.',
      },
    )
  }
  return wanted.length === 0 ? FOR_MODELS : FOR_MODELS.filter(toolset => wanted.includes(toolset))
}
