import type { Change } from '../bus/change.ts'
import type { StoredEvent } from '../bus/event.ts'
import type { ReceiptChange } from '../bus/receipt.ts'

/** How a door writes what a stream says. */
export interface Encoder {
  ready(newest: number): Uint8Array
  event(event: StoredEvent): Uint8Array
  receipt(receipt: ShownReceipt): Uint8Array
  change(change: ShownChange): Uint8Array
  /** Some of what came after the reader's cursor is gone; what is left follows. */
  reset(bounds: { oldest: number; newest: number }): Uint8Array
  readonly keepAlive: Uint8Array
  readonly farewell: Uint8Array
}

/** A change of a receipt as a person reads it: the session by its name. */
export type ShownReceipt = Omit<ReceiptChange, 'sessionId'> & { readonly session: string; readonly at: number }

/** A change by somebody, as a person reads it. */
export type ShownChange = Omit<Change, 'senderId' | 'senderName'> & { readonly from: string; readonly at: number }
