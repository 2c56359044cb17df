import { type Said, say } from '../bus/say.ts'
import type { Commands, Commits, IdempotencyKey, NewEvent } from '../bus/store.ts'
import { committed } from './commit.ts'
import { inPieces, keyOfCommit } from './pieces.ts'

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
  let events = 0
  for await (const { expired } of inPieces(store, { kind: 'expire' })) {
    const ended = expired.filter(({ unreadBy }) => unreadBy !== undefined)
    events += ended.length
    await tell(
      store,
      ended
        .filter(({ event, unreadBy }) => unreadBy! > 0 && canBeTold(event.senderId))
        .map(({ event, unreadBy }) =>
          noticeTo(event.senderId, say`Your message ${event.id} expired unread by ${unreadBy!}.`, event.id),
        ),
    )
  }
  return events
}

/** Forgets old events, and tells the senders of mail that is undeliverable now. */
export async function pruneAndTell(
  store: Commits,
  needs: Commands['prune']['needs'],
  key?: IdempotencyKey,
): Promise<Pick<Commands['prune']['gives'], 'events' | 'sessions' | 'keptUnread'>> {
  let [events, sessions, keptUnread, pieces] = [0, 0, 0, 0]
  for await (const done of inPieces(store, { kind: 'prune', ...needs }, key)) {
    events += done.events
    sessions += done.sessions
    keptUnread += done.keptUnread
    await tell(
      store,
      done.undeliverable
        .filter(({ senderId }) => canBeTold(senderId))
        .map(({ eventId, senderId, sessionName }) =>
          noticeTo(senderId, say`Your message ${eventId} is undeliverable: ${sessionName} was forgotten.`, eventId),
        ),
      key && keyOfCommit({ ...key, scope: `${key.scope} notices` }, pieces++),
    )
  }
  return { events, sessions, keptUnread }
}

async function tell(store: Commits, notices: readonly NewEvent[], key?: IdempotencyKey): Promise<void> {
  if (notices.length === 0) return
  committed(
    await store.commit(
      notices.map(event => ({ kind: 'append', event }) as const),
      key,
    ),
  )
}
