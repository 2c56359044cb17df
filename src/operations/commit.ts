import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { SHARES } from '../bus/limits.ts'
import { type Said, say } from '../bus/say.ts'
import { ENDED } from '../bus/session.ts'
import type { Command, Commit, Conflict } from '../bus/store.ts'
import { sessionEnded } from './authority.ts'

/** The results of a commit, or its conflict as the error that a caller gets to read. */
export function committed<const C extends readonly Command[]>(
  commit: Commit<C>,
): (Commit<C> & { ok: true })['results'] {
  if (commit.ok) return commit.results
  throw refusal(commit.conflict, commit.at)
}

/** A conflict in words. Operations that know more (names of holders) say more. */
export function refusal(conflict: Conflict, now: number): BusError {
  switch (conflict.code) {
    case 'identity_taken':
      return new BusError('identity_taken', `the ${conflict.what} was taken at this very moment`, {
        next: 'Try again.',
      })
    case 'not_found':
      return new BusError('not_found', `there is no such ${conflict.what}`)
    case 'stale_version': {
      const { current } = conflict
      return new BusError(
        'stale_version',
        current === undefined
          ? 'expected a version of an entry that does not exist'
          : say`expected another version: the entry is at version ${current.version}, written by ${current.byName}`,
        {
          next: say(current === undefined ? '`expected_version` 0 creates it.' : 'Read it again, then decide.'),
          details:
            current === undefined
              ? { current_version: 0 }
              : {
                  current_version: current.version,
                  by: current.byName,
                  at: new Date(current.at).toISOString(),
                  value: current.value,
                },
        },
      )
    }
    case 'not_appendable':
      return new BusError(
        'not_appendable',
        say`expected a list, or text to append text to; the value is ${conflict.found}`,
      )
    case 'claim_held':
      return new BusError('claim_held', say`held until ${new Date(conflict.claim.expiresAt).toISOString()}`, {
        details: { seconds_left: Math.ceil((conflict.claim.expiresAt - now) / 1000) },
      })
    case 'limit_reached':
      return limitReached(conflict.limit, ...LIMITED[conflict.what])
    case 'too_large':
      return new BusError(
        'too_large',
        say`expected a value of at most ${conflict.maxChars} characters of JSON; it would have ${conflict.chars}`,
        { next: 'Write parts of it under keys of their own.' },
      )
    case 'stale_token':
      return new BusError('stale_token', 'the token is not the one in force: the claim expired or changed hands', {
        next: 'Claim it anew before you go on.',
        ...(conflict.claim ? { details: { expires_at: new Date(conflict.claim.expiresAt).toISOString() } } : {}),
      })
    case 'bad_cursor':
      return new BusError(
        'bad_cursor',
        say`expected an id from ${conflict.position} (your position) to ${conflict.newest} (the newest event), got ${conflict.asked}`,
        {
          next: say(
            conflict.asked > conflict.newest
              ? 'Ids stand in `inbox` and `get_events`.'
              : 'To read old events again, say `rewind`.',
          ),
        },
      )
    case 'unauthorised':
      return new BusError('unauthenticated', 'the credential is good no more')
    case 'expelled':
      return sessionEnded({ name: conflict.sessionId, endReason: ENDED.expelled }, conflict.sessionId)
    case 'not_ended':
      return new BusError('forbidden', 'expected a session that has ended; it is back', {
        next: 'Its messages are its own to read.',
      })
    case 'key_reused':
      return new BusError('key_reused', 'this key was used for another request', { next: 'Use a fresh key.' })
  }
}

/** What there may be no more of, and how to make room. */
const LIMITED = {
  claims: [say('claims at a time'), say('Give some up first; one glob or folder may stand for many files.')],
  areaClaims: [say('claims of one repository at a time'), say('Some have to be given up first: `list_claims`.')],
  grantedClaims: [say(SHARES.claims.what), say('Give some up first; one glob or folder may stand for many files.')],
  tokens: [say('tokens'), say('Revoke one that is not needed.')],
  livingSessions: [
    say(SHARES.livingSessions.what),
    say('End one that is not needed (`unregister` with its credential), or resume one by its `client_id`.'),
  ],
  stateBytes: [say(SHARES.stateBytes.what), say('Delete or shorten values that are not needed.')],
} as const satisfies Record<string, readonly [Said, Said]>

/** `retryAfterSeconds`: where room comes by itself. */
export function limitReached(limit: number, what: Said, next: Said, retryAfterSeconds?: number): BusError {
  return new BusError('limit_reached', say`expected at most ${limit} ${what}; you have as many`, {
    next,
    details: defined({ limit, retry_after_seconds: retryAfterSeconds }),
  })
}
