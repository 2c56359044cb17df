import { quoted, retold, type Said } from './say.ts'

/**
 * What became of one event for one recipient.
 *
 *   stored ──▶ offered (route, when) ──▶ consumed (proof, when) ──▶ answered (by which event)
 *      │            └─ the session started anew first: offered again, marked as a possible repeat
 *      └──▶ held │ expired │ undeliverable (reason) │ taken_over (by whom, who has a receipt of its own)
 *
 * `stored` needs no row: an event on a session's channel, past its position, is stored for it. A row appears with the
 * first offer. Nothing says consumed before there is proof: a sign of life that came after the offer, or an `ack`. What is
 * held stays so: when the operator lets it through, that is another event.
 */
export const RECEIPT_STATES = [
  'stored',
  'offered',
  'consumed',
  'answered',
  'held',
  'expired',
  'undeliverable',
  'taken_over',
] as const
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
  /** Id of the session that took it over. */
  readonly takenBy?: string
}

/**
 * How it came, or what showed that it was read, for a reader. A session's own process reports both: other words than those
 * of this project are that session's, and stand in quotation marks.
 */
export function receiptWords(reported: string): Said {
  return OWN_WORDS.test(reported) ? retold(reported) : quoted(reported)
}

const OWN_WORDS = /^(?:inbox(?: tool)?|ack|next call|(?:prompt|start|stop|tool|Stop|PreToolUse|PostToolBatch) hook)$/

/** What a commit made of one event for one recipient. */
export type ReceiptChange = Pick<Receipt, 'eventId' | 'sessionId' | 'route' | 'proof' | 'answeredBy'> & {
  readonly state: Extract<ReceiptState, 'offered' | 'consumed' | 'answered' | 'expired' | 'taken_over'>
}
