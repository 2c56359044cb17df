import { BusError } from '../bus/errors.ts'
import type { Session } from '../bus/session.ts'
import type { Call } from './operation.ts'

/** The caller's session, for operations that only make sense for one. */
export function ownSession(call: Call): Session {
  if (call.session) return call.session
  throw new BusError('session_required', 'a token has no inbox, cursor or claims of its own', {
    next: 'Call `register` with it first, then use the session credential that it returns.',
  })
}

/** What others wrote is shown to nobody who may not read it, not even in the answer to a write. Refusals are `withheld`. */
export function mayRead(call: Call): boolean {
  return call.caller.scopes.has('read')
}

/** What a session is called in an answer: its name for those who may read, else its id, which nobody wrote. */
export function shownName(call: Call, session: Pick<Session, 'id' | 'name'>): string {
  return mayRead(call) || session.id === call.caller.id ? session.name : session.id
}

/** Who writes: for events and state. Tokens write under their own name. */
export function writerOf(call: Call): { by: string; byName: string } {
  return { by: call.caller.id, byName: call.session?.name ?? call.caller.name }
}
