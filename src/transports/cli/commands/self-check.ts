import { BusError } from '../../../bus/errors.ts'
import { receiptWords } from '../../../bus/receipt.ts'
import { type Said, say } from '../../../bus/say.ts'
import type { Client } from '../../../client/index.ts'

export interface SelfCheck {
  /** From the first registration to the last farewell. */
  readonly ms: number
  readonly eventId: number
  readonly proof: string | undefined
}

/**
 * Sends a message through two sessions of its own: registered, sent, read, its receipt consumed, both gone again.
 * `operator` must be allowed to register sessions. `tell` hears of each step.
 */
export async function selfCheck(
  operator: Client,
  signal: AbortSignal,
  tell: (step: Said) => void = () => {},
): Promise<SelfCheck> {
  const begun = performance.now()
  const present: Client[] = []
  const join = async (letter: 'a' | 'b') => {
    // One identity per process: two checks at once do not meet, and many in a row leave few sessions behind.
    const { session_id, name, credential } = await operator.call(
      'register',
      { name: `self-check-${letter}`, client_id: `self-check-${letter}-${process.pid}`, backfill_minutes: 0 },
      { signal },
    )
    const client = operator.withCredential(credential)
    present.push(client)
    return { session_id, name, client }
  }
  try {
    const a = await join('a')
    const b = await join('b')
    tell(say`registered ${a.name} and ${b.name}`)
    const sent = await a.client.call(
      'publish',
      { text: 'Can you hear me?', to: b.session_id, type: 'self_check' },
      { signal },
    )
    const { messages } = await b.client.call('inbox', { limit: 200 }, { signal })
    if (!messages.some(message => message.id === sent.event_id)) {
      throw new BusError(
        'internal',
        say`expected event ${sent.event_id} in the inbox of ${b.name}, got ${messages.length} others`,
      )
    }
    tell(say`a message went from ${a.name} to ${b.name} (event ${sent.event_id})`)
    // The receiver's next call is the proof that it has read what came before.
    await b.client.call('whoami', {}, { signal })
    const { receipts } = await a.client.call('message_status', { event_id: sent.event_id }, { signal })
    const receipt = receipts.find(each => each.session === b.name)
    if (receipt?.state !== 'consumed') {
      throw new BusError('internal', `expected the receipt to say consumed, got ${receipt?.state ?? 'none'}`)
    }
    tell(say`its receipt says consumed (${receiptWords(receipt.proof ?? '')})`)
    await Promise.all(present.splice(0).map(client => client.call('unregister', {}, { signal })))
    return { ms: Math.round(performance.now() - begun), eventId: sent.event_id, proof: receipt.proof }
  } finally {
    await Promise.allSettled(present.map(client => client.call('unregister', {})))
  }
}
