import { readNameList } from './name-list.ts'
import { say } from './say.ts'

/**
 * Groups of tools that a person can switch off to save context. `admin` never becomes a tool; `hooks` is what session
 * processes ask on behalf of their agent's client, neither tool nor command.
 */
export const TOOLSETS = ['talk', 'state', 'claims', 'admin', 'hooks'] as const
export type Toolset = (typeof TOOLSETS)[number]

/** Administration stays with the person, and hooks are for programs. */
export const FOR_MODELS: readonly Toolset[] = ['talk', 'state', 'claims']

/** `talk,claims` → those; unset or empty → all. */
export function toolsetsOf(written: string | undefined): readonly Toolset[] {
  const wanted = readNameList('SWITCHBOARD_TOOLSETS', written, {
    known: FOR_MODELS,
    expected: say`${FOR_MODELS}`,
    next: say('Name those that are wanted, with commas between them, or unset it for all.'),
  })
  return wanted === undefined ? FOR_MODELS : FOR_MODELS.filter(toolset => wanted.includes(toolset))
}
