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

/** A caller without `read` is not shown what others wrote, not even in the answer to a write. */
export function mayRead(call: Call): boolean {
  return call.caller.scopes.has('read')
}

/** The writer of an event or a state entry. Tokens write under their own name. */
export function writerOf(call: Call): { by: string; byName: string } {
  return { by: call.caller.id, byName: call.session?.name ?? call.caller.name }
}
