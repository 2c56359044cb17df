import { BusError } from '../../../bus/errors.ts'
import { receiptWords } from '../../../bus/receipt.ts'
import { type Said, say } from '../../../bus/say.ts'
import type { Client, OutputOf } from '../../../client/index.ts'

export type SelfCheck =
  | { readonly ok: true; readonly ms: number; readonly eventId: number; readonly proof: string | undefined }
  /** Not for this credential, or not with a hub that old. */
  | { readonly ok: false; readonly reason: string }

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
    if (error instanceof BusError && error.code === 'forbidden') return { reason: 'it takes the scope admin' }
    if (error instanceof BusError && error.code === 'unknown_operation') return { reason: error.message }
    throw error
  }
}

/**
 * An `ack` takes in all that came before, however much. It is refused where that of another check at the same moment took
 * in this message, too: then the receipt says so.
 */
async function readReceipt(a: Client, b: Client, event_id: number, signal: AbortSignal) {
  await b.call('inbox', {}, { signal })
  const refused = await b.call('ack', { up_to: event_id }, { signal }).then(noError, (error: unknown) => error)
  const [receipt] = (await a.call('message_status', { event_id }, { signal })).receipts
  if (receipt?.state === 'consumed') return receipt
  if (refused !== undefined) throw refused
  throw new BusError('internal', `expected the receipt to say consumed, got ${receipt?.state ?? 'none'}`)
}

function noError(): undefined {}
