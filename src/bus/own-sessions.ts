import { OPERATOR_ID } from './access.ts'

/**
 * Sessions of the bus's own: the operator's place, and the two between which `start` and `doctor` send a message to see
 * that messages get through. They follow their own channel and nothing else, never end, and are in no list of sessions. What
 * passes between the two is in no timeline, unless its sender is asked for.
 */
export const CHECK_SENDER_ID = 'ses_selfchecka22'
export const CHECK_RECEIVER_ID = 'ses_selfcheckb22'

export const OWN_SESSION_IDS: readonly string[] = [OPERATOR_ID, CHECK_SENDER_ID, CHECK_RECEIVER_ID]

export function isOwnSession({ id }: { readonly id: string }): boolean {
  return OWN_SESSION_IDS.includes(id)
}

/** The two of the check can be written to by each other alone: to everybody else they are not there. */
export function canBeWrittenTo({ id }: { readonly id: string }, senderId: string): boolean {
  return !CHECK_PAIR.includes(id) || CHECK_PAIR.includes(senderId)
}
const CHECK_PAIR = [CHECK_SENDER_ID, CHECK_RECEIVER_ID]
