import type { StoredEvent } from './event.ts'

/**
 * What somebody did that the log does not hold: claims, shared state, and what sessions are doing. Those who follow the
 * timeline are told of it as it happens; it is kept nowhere but in claims, state and sessions themselves.
 */
export interface Change extends Pick<StoredEvent, 'type' | 'channels' | 'senderId' | 'level'> {
  /** Where it is known; else it is that of the session. */
  readonly senderName?: string
  /** What it did, to stand after its name. */
  readonly text: string
}
