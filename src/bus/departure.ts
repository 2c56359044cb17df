import { retold, say } from './say.ts'
import { ENDED, type Session } from './session.ts'
import type { NewEvent } from './store.ts'

/** What is told of a session that ends. */
export function departure(session: Session, reason: string): NewEvent {
  const why = reason === ENDED.left ? say('') : say`: ${retold(reason)}`
  return {
    type: 'session_unregistered',
    channels: ['all'],
    senderId: session.id,
    senderName: session.name,
    text: say`${session.name} (${session.codename}) left${why}`.text,
    level: 'lifecycle',
    urgency: 'quiet',
    hops: 0,
  }
}
