import type { Command, Commands } from './store.ts'

/**
 * What became of one event for one recipient.
 *
 *   stored ──▶ offered (route, when) ──▶ consumed (proof, when) ──▶ answered (by which event)
 *      │            └─ the session started anew first: offered again, marked as a possible repeat
 *      └──▶ held │ expired │ undeliverable (reason)
 *
 * `stored` needs no row: an event on a session's channel, past its position, is stored for it. A row appears with the
 * first offer. Nothing says consumed before there is proof: a sign of life that came after the offer, or an `ack`.
 */
export const RECEIPT_STATES = ['stored', 'offered', 'consumed', 'answered', 'held', 'expired', 'undeliverable'] as const
export type ReceiptState = (typeof RECEIPT_STATES)[number]

export interface Receipt {
  readonly eventId: number
  readonly sessionId: string
  /** Of a session that has been forgotten since. */
  readonly sessionName?: string
  readonly state: ReceiptState
  /** How it was offered: `inbox`, `prompt hook` … */
  readonly route?: string
  readonly offeredAt?: number
  /** What showed that it was read: `ack`, `next call`, `reply` … */
  readonly proof?: string
  readonly consumedAt?: number
  /** The event that answered it. */
  readonly answeredBy?: number
  readonly reason?: string
}

/** What a commit made of one event for one recipient. */
export type ReceiptChange = Pick<Receipt, 'eventId' | 'sessionId' | 'route' | 'proof' | 'answeredBy'> & {
  readonly state: Extract<ReceiptState, 'offered' | 'consumed' | 'answered' | 'expired'>
}

/** What these commands did, by their results. */
export function receiptChanges(commands: readonly Command[], results: readonly unknown[]): ReceiptChange[] {
  return commands.flatMap((command, i) => changesOf(command, results[i]))
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
    default:
      return []
  }
}
