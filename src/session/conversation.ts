import type { Activity } from './activity.ts'
import type { HookInput } from './hooks/input.ts'
import type { HubLink } from './hub-link.ts'
import type { Letters } from './letters.ts'
import { parentOf } from './transcript.ts'

/** Which conversation the client process is in, by its own id. */
export interface Conversation {
  readonly id: string
  /** Whether the client names its conversations at all. */
  readonly isNamed: boolean
}

/**
 * Follows the conversation's id, which changes within one process: `/clear` goes on under a new one, `/resume` takes up
 * an older conversation, `/branch` begins another from where this one stands.
 */
export function createConversation(parts: {
  readonly link: Pick<HubLink, 'membership'>
  readonly letters: Letters
  readonly activity: Pick<Activity, 'isInTurn'>
  readonly known: Conversation
  readonly log: (message: string) => void
}): {
  follow(input: HookInput): Promise<void>
  /** The same conversation, which lacks what was offered to it last. */
  again(): void
  /** The same, which lacks what came last on this way. */
  unheard(what: 'inbox' | 'hook'): void
} {
  const { link, letters } = parts
  let { id } = parts.known

  async function follow(input: HookInput): Promise<void> {
    if (!parts.known.isNamed || input.sessionId === '') return
    const isFresh = input.event === 'SessionStart' && (input.source === 'clear' || input.source === 'compact')
    if (input.sessionId === id && !isFresh) return
    const isSame = input.sessionId === id
    id = input.sessionId
    const { sessionId } = input
    // In mid-turn the client keeps what the model was not asked with yet, hooks' context included, behind the summary.
    if (isFresh && isSame && input.source === 'compact' && parts.activity.isInTurn) return letters.summedUp()
    if (isFresh) {
      await link.membership.heads(sessionId)
      return letters.renew(() => link.membership.moveTo(sessionId))
    }
    const parent = input.transcript === '' ? undefined : await parentOf(input.transcript)
    letters.renew(async () => link.membership.become(sessionId, parent))
  }

  const move = () => link.membership.moveTo(id)
  return { follow, again: () => letters.renew(move), unheard: what => letters.unheard(what, move) }
}
