import type { ReceiptChange } from './receipt.ts'
import type { Command, Commands } from './store.ts'

/**
 * What these commands did, by their results. `isAnswer`: whether the receipt says so of a reply, which may be to what was
 * not for its sender, is held or was answered before.
 */
export function receiptChanges(
  commands: readonly Command[],
  results: readonly unknown[],
  isAnswer: (change: ReceiptChange) => boolean,
): ReceiptChange[] {
  const changes = commands.flatMap((command, i) => changesOf(command, results[i]))
  return changes.filter(change => change.state !== 'answered' || isAnswer(change))
}

function changesOf(command: Command, result: unknown): ReceiptChange[] {
  switch (command.kind) {
    case 'offer': {
      const { messages } = result as Commands['offer']['gives']
      const { sessionId, route } = command
      return messages.map(({ id }) => ({ eventId: id, sessionId, state: 'offered', route }))
    }
    case 'confirm':
    case 'acknowledge': {
      const { consumed } = result as Commands['confirm']['gives']
      const { sessionId, proof } = command
      return consumed.map(each => ({ ...each, sessionId, state: 'consumed', proof }))
    }
    case 'append': {
      const { id, replyTo, senderId } = result as Commands['append']['gives']
      if (replyTo === undefined) return []
      return [{ eventId: replyTo, sessionId: senderId, state: 'answered', answeredBy: id }]
    }
    case 'expire': {
      const { expired } = result as Commands['expire']['gives']
      return expired.flatMap(({ event, sessionIds }) =>
        sessionIds.map(sessionId => ({ eventId: event.id, sessionId, state: 'expired' }) as const),
      )
    }
    case 'takeOver': {
      const { taken } = result as Commands['takeOver']['gives']
      return taken.map(eventId => ({ eventId, sessionId: command.endedId, state: 'taken_over' }))
    }
    default:
      return []
  }
}
