import { gatherFacts } from '../workspace/facts.ts'
import type { Activity } from './activity.ts'
import type { HookInput } from './hooks/input.ts'
import type { HubLink } from './hub-link.ts'

/** Tells the hub when the session's folder, branch or permission mode changes. */
export function createSurroundings(parts: {
  readonly link: Pick<HubLink, 'membership'>
  readonly activity: Activity
  readonly env: NodeJS.ProcessEnv
}): (input: HookInput, hasMoved: boolean) => void {
  let mode = ''

  async function moved(cwd: string): Promise<void> {
    const facts = gatherFacts(cwd, parts.env)
    parts.link.membership.factsAre(facts)
    const { machine: _, run: __, ...known } = await facts
    await parts.activity.report({ facts: known })
  }

  return (input, hasMoved) => {
    if (input.mode !== '' && input.mode !== mode) {
      mode = input.mode
      void parts.activity.report({ facts: { mode } })
    }
    if (hasMoved && input.cwd !== '') void moved(input.cwd)
  }
}
