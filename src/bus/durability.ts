import type { Command } from './store.ts'

/**
 * What a session's life brings again by itself: a letter that is not leased any more is offered anew, the next heartbeat
 * says what its session does, what has expired or gone silent is found again. Every step of every agent waits for one of
 * these, and a disk takes a millisecond as a rule and a fifth of a second at times.
 */
const RECURRING: ReadonlySet<Command['kind']> = new Set([
  'touch',
  'updateSession',
  'renewClaims',
  'offer',
  'confirm',
  'continueTalk',
  'beginTalk',
  'beginTalks',
  'expire',
  'sweep',
])

/** Whether a commit of these has to survive a power cut before it returns. A kill of any process it always survives. */
export function mustBeSynced(commands: readonly Command[]): boolean {
  return commands.some(({ kind }) => !RECURRING.has(kind))
}
