/**
 * The store port: what the bus needs from whatever keeps its data. It speaks the domain and promises the strongest
 * contract, so that memory (the oracle), SQLite and a team database can stand in for each other; `test/contract` holds
 * every sentence below against each of them.
 *
 * - A commit is atomic: all of its commands take effect in order, or none does.
 * - It is durable when it returns: it survives a kill of any process and a power cut. Of commits that hold nothing but what
 *   a session's life brings again (`mustBeSynced`), a power cut may undo the latest.
 * - Commits are strictly ordered, and event ids grow in the order in which events become visible: who has seen id N
 *   has seen all before it, so a cursor never skips. Ids are never reused.
 * - It is idempotent by key: a second commit with the same key changes nothing and gets the first one's results.
 * - A conflict is data, not an exception: the answer says which command could not be done, and why. What throws is the
 *   store itself being unable (`store_unavailable`, `store_full`). On `store_full` nothing of the commit has been kept;
 *   when a write of the disk itself failed, only a retry with the same key can tell.
 * - A commit is bounded, so that none keeps a store from answering others. A command whose work grows with what is kept
 *   (`PIECEWISE`) does a piece of it; where it gives `next`, the same command `from` there does the next piece. Each piece
 *   leaves the store valid, and what it has done is not done again. A store that nothing waits for may do all at once.
 * - The store's own clock rules: every time and every expiry comes from it. It never runs backwards and never stands still,
 *   whatever is done to the machine's (`store-clock.ts`): a term lasts as long as it was given, give or take a tenth.
 */
import type { Authority, Lapse, Scope } from './access.ts'
import type { Claim } from './claim.ts'
import type { StoredEvent } from './event.ts'
import type { Chain } from './loops.ts'
import type { Injected, Session } from './session.ts'
import type { NewSession, SessionPatch } from './session-patch.ts'
import type { Share } from './share.ts'
import type { StateEntry } from './state.ts'
import type { StoreReads } from './store-reads.ts'
import type { NewToken, Token } from './token.ts'

export interface Store extends StoreReads {
  /**
   * `authority`: on whose the commit is made. Where that is no longer good, or lacks the scope by now, nothing is done: so
   * no credential outlives the one that it comes from, not even within a call.
   */
  commit<const C extends readonly Command[]>(
    commands: C,
    key?: IdempotencyKey,
    authority?: Authority,
  ): Promise<Commit<C>>
  close(): Promise<void>
}

/** Changes a store on an authority that is given already. */
export interface Commits {
  commit<const C extends readonly Command[]>(commands: C, key?: IdempotencyKey): Promise<Commit<C>>
}

export interface IdempotencyKey {
  /** Whose key it is: keys of different callers and operations never meet. */
  readonly scope: string
  readonly key: string
  /** Of the request, so that a key used for another request is noticed. */
  readonly fingerprint: string
  /**
   * Whose share of remembered answers it takes from; the holder's oldest make room for it. Without, and where the commit is
   * one event (which is remembered as itself), it takes from nobody's.
   */
  readonly share?: Share
  /** Nothing new is done: a commit whose key is not known is refused with `not_found`. */
  readonly onlyRepeat?: boolean
}

/** How long a key is remembered at least. A week outlives every retry and a CI job rerun on Monday. */
export const KEY_MEMORY_MS = 7 * 24 * 3600_000

export type Commit<C extends readonly Command[] = readonly Command[]> =
  | {
      readonly ok: true
      readonly at: number
      readonly results: { readonly [I in keyof C]: ResultOf<C[I]> }
      /** The key was known: nothing was done now, these are the time and the results of then. */
      readonly replayed: boolean
    }
  | { readonly ok: false; readonly at: number; readonly failed: number; readonly conflict: Conflict }

export type Conflict =
  /** Some unique thing of a session or token is taken: try again with another. */
  | { readonly code: 'identity_taken'; readonly what: 'id' | 'name' | 'client' }
  | { readonly code: 'not_found'; readonly what: 'session' | 'state' | 'claim' | 'token' | 'event' | 'key' }
  | { readonly code: 'stale_version'; readonly current: StateEntry | undefined }
  | { readonly code: 'not_appendable'; readonly found: string }
  | { readonly code: 'claim_held'; readonly claim: Claim }
  | {
      readonly code: 'limit_reached'
      readonly what: 'claims' | 'areaClaims' | 'grantedClaims' | 'tokens' | 'livingSessions' | 'stateBytes'
      readonly limit: number
    }
  | { readonly code: 'too_large'; readonly chars: number; readonly maxChars: number }
  | { readonly code: 'stale_token'; readonly claim: Claim | undefined }
  | { readonly code: 'bad_cursor'; readonly asked: number; readonly position: number; readonly newest: number }
  | { readonly code: 'key_reused' }
  /** The authority of the commit is good no more. */
  | { readonly code: 'unauthorised'; readonly why: Lapse }
  | { readonly code: 'expelled'; readonly sessionId: string }
  | { readonly code: 'not_ended' }

/** Each kind of command with what it needs and what it gives. */
export interface Commands {
  /**
   * Its name and codename are those that are wished for: what it gets is the first that is free of `name`, `name-2`,
   * `name-3` …, and of codenames the same. A name is free where nobody who has not ended bears one that looks like it (see
   * `skeletonOf`), and nobody has it as a codename; a codename, where nobody has it and nobody who has not ended bears it
   * as a name. `maxLiving`: how many sessions of its grantor, if that is a token, may live then.
   */
  createSession: { needs: { session: NewSession; maxLiving?: number }; gives: Session }
  /**
   * Changes facts. With `revive`, an ended session lives again, but one that was expelled only with `readmit`, which alone
   * makes it one that left of its own accord; the credentials that it had before are void then. `maxLiving` is as with
   * `createSession`. With `reofferUnproved`, what was offered to it without proof is unread once more: another run of the
   * agent may never have seen it. A new name, and that of a session
   * that lives again, is one that is wished for, as with `createSession`. Refused with `identity_taken` where the client
   * id is that of another. `injected` is added to what the session was told before: several callers count at once.
   */
  updateSession: {
    needs: {
      id: string
      patch: SessionPatch
      revive?: boolean
      readmit?: boolean
      maxLiving?: number
      reofferUnproved?: boolean
      injected?: Partial<Injected>
    }
    gives: Session
  }
  /** Ends a session and its claims. Ending it again changes nothing, but that it may be expelled yet. */
  endSession: {
    needs: { id: string; reason: string }
    /** `left`: the first of its claims, by path: `LIMITS.namedClaims`. */
    gives: { session: Session; releasedClaims: number; left: { area: string; path: string }[] }
  }
  /** Signs of life, at the store's present time. Unknown and ended sessions are passed over. */
  touch: { needs: { ids: readonly string[] }; gives: null }
  /** Moves the end of this session's claims on to a whole term from now, where less than half of it is left. */
  renewClaims: { needs: { sessionId: string }; gives: { renewed: number } }
  /** Marks what has expired as such for whom it is still unread; each event once. */
  expire: {
    needs: Piece<{ eventId: number; session: number }>
    /** `unreadBy`: of how many sessions it was in all; not before the last of them. */
    gives: Rest<{ eventId: number; session: number }> & {
      expired: { event: StoredEvent; sessionIds: string[]; unreadBy?: number }[]
    }
  }
  /**
   * Ends every session that has been silent for this long, but none of the bus's own, and those of revoked tokens. Forgets old
   * keys, expired claims.
   */
  sweep: { needs: { silentMs: number } & Piece<true>; gives: { ended: Session[] } & Rest<true> }
  /**
   * Makes these the channels that a session follows. A new one starts `backfillMs` before now (its own `session:`
   * channel at the beginning); one that it followed before goes on where it was, or from the backfill if that is later.
   * Of those that it follows no more, so many positions are kept: `LIMITS.formerChannels`.
   */
  follow: {
    needs: { sessionId: string; channels: readonly string[]; backfillMs: number }
    gives: { added: string[]; removed: string[] }
  }
  /**
   * Writes an event; one that is held, with receipts of the first `LIMITS.heldReceipts` that it is for. With `replyTo`, the
   * sender's receipt of that event becomes `answered`; of a held event it stays `held`, and a held reply makes it
   * `consumed`. Where the sender's name is left out, it is that of its session, as it is after the commands before.
   */
  append: { needs: { event: NewEvent }; gives: StoredEvent }
  /**
   * Leases unread events to a session and writes their receipts: those of `events`, in their order, or the most urgent first
   * and of those the oldest; at most `LIMITS.openOffers` are leased at a time. What it leases is left out of later offers
   * until it is confirmed or given back (`reofferUnproved`). `repeat` marks events that were offered before, so may be known.
   * The messages are a page, as those of `events` are.
   * The session's talk is what it is `afterShown` these, until a time where one is given.
   */
  offer: {
    needs: { sessionId: string; limit: number; events?: readonly number[]; route: string; talkUntil?: number }
    gives: { messages: StoredEvent[]; repeats: number[]; pending: number }
  }
  /**
   * Mail of an ended session's own channel that it has not read, leased or not, waits for another session from now on,
   * except what the other session wrote itself. The ended session has lost it for good, even if it comes back: its receipts
   * say who took the mail over. Refused with `not_ended` where the ended session lives, or is the same as the other.
   */
  takeOver: {
    needs: { sessionId: string; endedId: string } & Piece<number>
    gives: { taken: number[] } & Rest<number>
  }
  /** The session was shown a message in another way than by an offer. */
  continueTalk: { needs: { sessionId: string; chain: Chain }; gives: null }
  /** A person has prompted the session, or it has worked. One that is unknown is passed over, here and above. */
  beginTalk: { needs: { sessionId: string }; gives: null }
  /** The operator continues the chain with this root: something begins for every session that talks of it. */
  beginTalks: { needs: { root: number } & Piece<number>; gives: Rest<number> }
  /**
   * Proof that the open offer was read: its events are consumed. With `route`, only what was offered that way: a call of
   * the agent's proves what it was answered before, not what a hook still holds. With `events`, only those of them that
   * are leased.
   */
  confirm: {
    needs: { sessionId: string; proof: string; route?: string; events?: readonly number[] }
    gives: { consumed: Consumed[] }
  }
  /**
   * Consumes everything up to an event id: the same window that a peek showed. It refuses ids past the newest event,
   * and ids before the session's position (the highest id that it acknowledged or proved to have read) where nothing waits
   * up to there, unless `rewind`, which moves the position back and makes all that lies after that id on its channels
   * unread, back before it joined if need be. A piece consumes the oldest, as if that had been asked for; with `rewind`, what was read comes back piece by piece, the newest first.
   */
  acknowledge: {
    needs: { sessionId: string; upTo: number; proof: string; rewind?: boolean } & Piece<number>
    gives: { position: number; consumed: Consumed[] } & Rest<number>
  }
  /**
   * Writes the next version; `expectedVersion` 0 means "only if there is none". What an append makes of a value obeys its
   * limit, too. Of the versions before, the oldest are forgotten where there are more than `LIMITS.historyVersions`, or
   * more bytes than `LIMITS.historyBytes`. `share`: in whose share of bytes the version counts; where that is used up, the
   * holder's oldest versions that are not in force make room.
   */
  putState: {
    needs: {
      key: string
      value: unknown
      mode: 'overwrite' | 'append'
      expectedVersion?: number
      note?: string
      share?: Share
    } & Writer
    gives: StateEntry
  }
  deleteState: { needs: { key: string; expectedVersion?: number; share?: Share } & Writer; gives: StateEntry }
  /**
   * Takes or renews a claim. It is refused while another session holds one in this area whose path meets this one; of
   * several it is told of the oldest. A session holds at most `LIMITS.sessionClaims`, an area
   * `LIMITS.areaClaims`, and all sessions of the holder's grantor, if that is a token, `maxGranted`.
   * With `token` it only renews, and only while that token is in force. A renewal keeps its token.
   */
  claim: {
    needs: {
      area: string
      path: string
      foldsCase?: boolean
      sessionId: string
      ttlMs: number
      note?: string
      token?: number
      maxGranted?: number
    }
    gives: { claim: Claim; renewed: boolean }
  }
  /** Gives a claim up. Without `sessionId`, any session's; with `token`, only while that is in force. */
  release: { needs: { area: string; path: string; sessionId?: string; token?: number }; gives: Claim }
  /**
   * A session's claims of one area belong to another from now on, tokens and terms as they are: a repository has got
   * another name. Where both areas have a claim on the very same path, the older one stays, and the other is `lost`; but
   * none is taken from a session of another grantor.
   */
  moveClaims: {
    needs: { area: string; to: string; sessionId: string } & Piece<true>
    gives: { moved: Claim[]; lost: Claim[] } & Rest<true>
  }
  /** No id is borne twice, not even that of a revoked token; a name is free again then. At most `LIMITS.tokens` are good. */
  putToken: { needs: { token: NewToken }; gives: Token }
  /**
   * Ends the sessions that have their authority of it, too, and tells the others of each. They have none from the first
   * piece on. `from` is the id of the token. Without, where no good token has the name, a revocation that broke off goes on.
   */
  revokeToken: { needs: { name: string } & Piece<string>; gives: { token: Token; ended: Session[] } & Rest<string> }
  /** Leaves it those of its scopes that are named here. Gives the sessions that have their authority of it. */
  narrowToken: { needs: { name: string; scopes: readonly Scope[] }; gives: { token: Token; sessionIds: string[] } }
  /** Keeps a small value under a name for good; where one is there already, that one stays and is given back. */
  keep: { needs: { name: string; value: string }; gives: { value: string } }
  /**
   * Forgets old events: those older than `olderThanMs`, or all but the newest `keepNewest`. What some session that
   * follows its channel has not read is never touched, nor are the newest event's id and the receipts of kept events.
   * `forgetEndedMs` first forgets sessions that ended so long ago, with their mail. `dryRun` only counts events and sessions.
   */
  prune: {
    needs: { olderThanMs?: number; keepNewest?: number; forgetEndedMs?: number; dryRun?: boolean } & Piece<PrunedTo>
    gives: Rest<PrunedTo> & {
      events: number
      sessions: number
      keptUnread: number
      /** Mail addressed to sessions that were forgotten with it unread; their receipts say so from now on. */
      undeliverable: { eventId: number; senderId: string; sessionName: string }[]
    }
  }
}

/** What a command needs that is done in pieces: where the piece before ended, as its `next` says. */
interface Piece<Place> {
  readonly from?: Place
}

/** Left out where nothing is left to be done. */
interface Rest<Place> {
  readonly next?: Place
}

/** Some of the sessions that are to be forgotten are left, or events after this one up to the last that is old enough. */
type PrunedTo = 'sessions' | { readonly after: number; readonly last: number }

/** Commands that are done in pieces. */
export type PiecewiseKind = {
  [K in keyof Commands]: 'next' extends keyof Commands[K]['gives'] ? K : never
}[keyof Commands]

export type Command = { [K in keyof Commands]: { readonly kind: K } & Readonly<Commands[K]['needs']> }[keyof Commands]
export type ResultOf<C> = C extends { kind: infer K extends keyof Commands } ? Commands[K]['gives'] : never

export type NewEvent = Omit<StoredEvent, 'id' | 'at' | 'senderName'> & Partial<Pick<StoredEvent, 'senderName'>>

/** An event that was read, and how it had been offered if it ever was. In the order of ids. */
export interface Consumed {
  readonly eventId: number
  readonly route?: string
}

interface Writer {
  readonly by: string
  readonly byName: string
}
