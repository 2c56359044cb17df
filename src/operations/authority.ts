import { authorityOf, type Caller, type Lapse, type Scope } from '../bus/access.ts'
import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import { ENDED, type Session } from '../bus/session.ts'
import type { Command, Commit, IdempotencyKey, Store, StoreReads } from '../bus/store.ts'
import type { Call, Operation } from './operation.ts'

/** What a caller may do with the store within one call, and only for as long as its credential is good for that. */
export function onAuthorityOf(
  store: Store,
  caller: Caller,
  { scope, isForEnded }: Pick<Operation, 'scope' | 'isForEnded'>,
): Pick<Call, 'commit' | 'stillAllowed'> {
  const authority = authorityOf(caller, scope, isForEnded)
  return {
    async commit<const C extends readonly Command[]>(commands: C, key?: IdempotencyKey): Promise<Commit<C>> {
      const commit = await store.commit(commands, key, authority)
      if (!commit.ok && commit.conflict.code === 'unauthorised') throw await lapsed(store, caller, commit.conflict.why)
      return commit
    },
    stillAllowed: () => requireAuthority(store, caller, scope),
  }
}

/** Throws where the credential that the caller came with has become bad since, or lost this scope. */
export async function requireAuthority(store: StoreReads, caller: Caller, scope: Scope): Promise<void> {
  const authority = authorityOf(caller, scope)
  const why = authority && (await store.lapse(authority))
  if (why !== undefined) throw await lapsed(store, caller, why)
}

async function lapsed(store: StoreReads, caller: Caller, why: Lapse): Promise<BusError> {
  if (why === 'ended') return sessionEnded(await store.session(caller.id), caller.id)
  if (why === 'narrowed') return new BusError('forbidden', 'this scope has just been taken from the credential')
  return new BusError('unauthenticated', 'this credential has just been revoked', {
    next: 'The operator makes another: `switchboard token create`.',
  })
}

/** `details.reason` tells a program whether it may come back by itself: not when somebody unregistered the session. */
export function sessionEnded(session: Pick<Session, 'name' | 'endReason'> | undefined, id: string): BusError {
  const reason = session?.endReason ?? 'forgotten'
  return new BusError('session_ended', say`session ${session?.name ?? id} has ended (${reason})`, {
    next:
      reason === ENDED.expelled
        ? say`Only the operator lets it in again: \`switchboard readmit ${id}\`, or a new run of its agent.`
        : say('Register again, with the same client_id to keep name, cursor and mail.'),
    details: { reason },
  })
}
