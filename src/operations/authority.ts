import { authorityOf, type Caller, type Lapse, type Scope } from '../bus/access.ts'
import { BusError } from '../bus/errors.ts'
import { SHARES } from '../bus/limits.ts'
import { type Exceeded, madeBy } from '../bus/rates.ts'
import { say } from '../bus/say.ts'
import { ENDED, type Session } from '../bus/session.ts'
import type { Command, Commit, IdempotencyKey, Store } from '../bus/store.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import type { Bus } from './bus.ts'
import type { Call, Operation } from './operation.ts'

/**
 * What a caller may do with the store within one call, and only for as long as its credential is good for that, and as
 * often as its share allows. A rate is judged before the call has changed anything: what it does from then on counts, and
 * is not refused, so that no call is left half done.
 */
export function onAuthorityOf(
  { store, rates, steadyMs }: Pick<Bus, 'rates' | 'steadyMs'> & { readonly store: Store },
  caller: Caller,
  { scope, isForEnded }: Pick<Operation, 'scope' | 'isForEnded'>,
): Pick<Call, 'commit' | 'stillAllowed'> {
  const authority = authorityOf(caller, scope, isForEnded)
  let hasBegun = false
  async function authorised<const C extends readonly Command[]>(commands: C, key?: IdempotencyKey): Promise<Commit<C>> {
    const commit = await store.commit(commands, key, authority)
    if (!commit.ok && commit.conflict.code === 'unauthorised') throw await lapsed(store, caller, commit.conflict.why)
    if (commit.ok) hasBegun = true
    return commit
  }
  return {
    async commit<const C extends readonly Command[]>(
      commands: C,
      key?: IdempotencyKey,
      judge?: () => Promise<NoInfer<C>>,
    ): Promise<Commit<C>> {
      const made = madeBy(caller, commands)
      const now = steadyMs()
      const exceeded = hasBegun ? undefined : rates.exceeded(made, now)
      if (exceeded !== undefined) {
        // A retry makes nothing: it gets the answer that its first try was given.
        const repeat = key && (await authorised(commands, { ...key, onlyRepeat: true }))
        if (repeat === undefined || isUnknownKey(repeat)) throw rateLimited(exceeded)
        return repeat
      }
      rates.add(made, now)
      let isMade = false
      try {
        const commit = await authorised(judge === undefined ? commands : await judge(), key)
        isMade = commit.ok && !commit.replayed
        return commit
      } finally {
        if (!isMade) rates.takeBack(made)
      }
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

function isUnknownKey(commit: Commit): boolean {
  return !commit.ok && commit.conflict.code === 'not_found' && commit.conflict.what === 'key'
}

function rateLimited({ name, share, waitMs }: Exceeded): BusError {
  const seconds = Math.ceil(waitMs / 1000)
  return new BusError(
    'rate_limited',
    say`expected at most ${share.max} ${say(SHARES[name].what)}; you have made as many`,
    {
      next: say`Try again in ${seconds} s, with the same key if you gave one.`,
      details: { limit: share.max, retry_after_seconds: seconds },
    },
  )
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
        : say('To go on, `register` again: the same `client_id` keeps name, cursor and mail.'),
    details: { reason },
  })
}
