import { setTimeout as pause } from 'node:timers/promises'
import { BusError } from '../../../bus/errors.ts'
import { receiptWords } from '../../../bus/receipt.ts'
import { type Said, say } from '../../../bus/say.ts'
import type { Client, OutputOf } from '../../../client/index.ts'

export type SelfCheck =
  | { readonly ok: true; readonly ms: number; readonly eventId: number; readonly proof: string | undefined }
  /** Not for this credential, or not with a hub that old. */
  | { readonly ok: false; readonly reason: string }

/** Another check at the same moment may have been handed the message: then that one proves that it was read. */
const PATIENCE_MS = 10_000
const PAUSE_MS = 50

/**
 * Sends a message between the two sessions that the hub keeps for this: sent, read, its receipt consumed. They are in no
 * list, and their messages in no timeline. `tell` hears of each step.
 */
export async function selfCheck(
  operator: Client,
  signal: AbortSignal,
  tell: (step: Said) => void = () => {},
): Promise<SelfCheck> {
  const begun = performance.now()
  const pair = await pairOf(operator, signal)
  if ('reason' in pair) return { ok: false, reason: pair.reason }
  const { sender, receiver } = pair
  const [a, b] = [sender, receiver].map(({ credential }) => operator.withCredential(credential)) as [Client, Client]
  const message = { text: 'Can you hear me?', to: receiver.session_id, type: 'self_check' }
  const { event_id: eventId } = await a.call('publish', message, { signal })
  tell(say`a message went from ${sender.name} to ${receiver.name} (event ${eventId})`)
  const receipt = await readReceipt(a, b, eventId, signal)
  tell(say`its receipt says consumed (${receiptWords(receipt.proof ?? '')})`)
  return { ok: true, ms: Math.round(performance.now() - begun), eventId, proof: receipt.proof }
}

/** What keeps a credential from it, or a hub of before, is no fault of the bus. */
export async function pairOf(
  operator: Client,
  signal: AbortSignal,
): Promise<OutputOf<'self_check_pair'> | { readonly reason: string }> {
  try {
    return await operator.call('self_check_pair', {}, { signal })
  } catch (error) {
    if (error instanceof BusError && ['forbidden', 'unknown_operation'].includes(error.code)) {
      return { reason: error.message }
    }
    throw error
  }
}

type Receipt = OutputOf<'message_status'>['receipts'][number]

async function readReceipt(a: Client, b: Client, event_id: number, signal: AbortSignal): Promise<Receipt> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    await b.call('inbox', { limit: 200 }, { signal })
    // The receiver's next call is the proof that it has read what came before.
    await b.call('whoami', {}, { signal })
    const [receipt] = (await a.call('message_status', { event_id }, { signal })).receipts
    if (receipt?.state === 'consumed') return receipt
    if (performance.now() > deadline) {
      throw new BusError('internal', `expected the receipt to say consumed, got ${receipt?.state ?? 'none'}`)
    }
    await pause(PAUSE_MS, undefined, { signal })
  }
}
