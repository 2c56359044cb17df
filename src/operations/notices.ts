import { type Said, say } from '../bus/say.ts'
import type { Commands, Commits, IdempotencyKey, NewEvent } from '../bus/store.ts'
import { committed } from './commit.ts'

/** Quiet: it rides along with whatever the sender reads next. */
export function noticeTo(senderId: string, text: Said, about?: number): NewEvent {
  return {
    type: 'delivery_notice',
    channels: [`session:${senderId}`],
    senderId: 'system',
    senderName: 'switchboard',
    text: text.text,
    level: 'info',
    urgency: 'quiet',
    hops: 0,
    ...(about === undefined ? {} : { data: { event_id: about } }),
  }
}

/** Only a session or the operator has an inbox to be told in. */
export function canBeTold(senderId: string): boolean {
  return senderId !== 'system' && !senderId.startsWith('token:')
}

/** Ends what has expired and tells its senders. Says how many events that were. */
export async function expireMail(store: Commits): Promise<number> {
  const [{ expired }] = committed(await store.commit([{ kind: 'expire' }]))
  const unread = expired.filter(({ sessionIds, event }) => sessionIds.length > 0 && canBeTold(event.senderId))
  if (unread.length > 0) {
    const notices = unread.map(({ event, sessionIds }) => ({
      kind: 'append' as const,
      event: noticeTo(event.senderId, say`Your message ${event.id} expired unread by ${sessionIds.length}.`, event.id),
    }))
    committed(await store.commit(notices))
  }
  return expired.length
}

/** Forgets old events, and tells the senders of mail that is undeliverable now. */
export async function pruneAndTell(
  store: Commits,
  needs: Commands['prune']['needs'],
  key?: IdempotencyKey,
): Promise<Commands['prune']['gives']> {
  const [done] = committed(await store.commit([{ kind: 'prune', ...needs }], key))
  const lost = needs.dryRun ? [] : done.undeliverable.filter(({ senderId }) => canBeTold(senderId))
  if (lost.length > 0) {
    const notices = lost.map(({ eventId, senderId, sessionName }) => ({
      kind: 'append' as const,
      event: noticeTo(senderId, say`Your message ${eventId} is undeliverable: ${sessionName} was forgotten.`, eventId),
    }))
    committed(await store.commit(notices))
  }
  return done
}
