/**
 * Sizes and counts at which the bus says no. Sizes are in characters of JSON text unless the name says bytes;
 * a limit is inclusive: exactly this much still passes.
 */
export const LIMITS = {
  /** A name, role, topic or address. Long enough for a branch name, short enough for one line of a list. */
  nameChars: 120,
  /** An event's text. Claude Code keeps 10,000 characters of a hook's context; longer letters are read by `inbox`. */
  textChars: 65_536,
  titleChars: 200,
  tags: 20,
  /** JSON text of `data` on an event. */
  dataChars: 65_536,
  /** JSON text of one state value. */
  valueChars: 262_144,
  /** Versions of one value that are kept, the present one among them; the oldest go first, the present one never. */
  historyVersions: 1_000,
  historyBytes: 4 * 1024 * 1024,
  keyChars: 200,
  noteChars: 500,
  pathChars: 1_024,
  ownedGlobs: 50,
  /** All of them together: they are shown, and read, with every list of sessions. */
  ownedChars: 4_096,
  /** `*` (a run of them counts once) and `?` in one path. */
  globWildcards: 32,
  /** Paths that the braces of one path stand for: each is held against each of another's. */
  globAlternatives: 64,
  /** Tokens that are good at a time. */
  tokens: 1_000,
  /** Claims that one session holds at a time. */
  sessionClaims: 200,
  /** Claims of one repository, or machine, at a time: each new one is held against all of them. */
  areaClaims: 5_000,
  /** Steps of matching that one question may take: about 10 ms. See `steps.ts`. */
  matchSteps: 1_000_000,
  topics: 50,
  recipients: 50,
  /** How far back broadcasts may be unread for a session that starts: a week. */
  backfillMinutes: 7 * 24 * 60,
  /** A request body on any HTTP route. Room for the largest value with escapes, and small beside the hub's memory. */
  bodyBytes: 2 * 1024 * 1024,
  /** Values within JSON input, as many as a state value may have: small ones take far longer than their text. */
  jsonValues: 140_000,
  /** Fields of objects within JSON input, which take longest: as many as a state value can have with names of two characters. */
  jsonFields: 40_000,
  /** Nesting of JSON input; V8 parses far deeper than it can print again. */
  jsonDepth: 64,
  /** JSON text of the items of one answer, on top of their count; one item alone may be longer. */
  pageChars: 256 * 1024,
  pageEvents: 500,
  /** Events that one proof of reading names. */
  provedEvents: 1_000,
  pageSessions: 500,
  pageClaims: 500,
  /** Claims that a sentence names. */
  namedClaims: 5,
  pageChannels: 500,
  /** Names among which a wrong one is looked for: each is compared with it. */
  knownNames: 1_000,
  /** `inbox` may wait this long: a client moves calls of over two minutes to the background. */
  waitSeconds: 110,
  claimTtlSeconds: 7 * 24 * 3600,
  /** Rows that one piece of long work writes or reads: 3 to 30 µs each. */
  pieceRows: 500,
  /** Messages offered to one session whose reading is not proved yet: one commit proves them all. */
  openOffers: 2_000,
  /** Recipients of a held message that have a receipt of it from the beginning; they are written with it. */
  heldReceipts: 200,
  /** Channels that a session follows no more and of which its position is kept, those furthest on. */
  formerChannels: 200,
  /** Unread messages are counted up to here; beyond it, "1000 or more" says enough. */
  pendingCount: 1_000,
} as const

const MIB = 1024 * 1024
const NONE = Number.POSITIVE_INFINITY

/**
 * What each holder may have of what all share. A holder is a token with all sessions that were registered with it, a
 * session of the operator's, or the operator. Beyond its share a holder is refused with `limit_reached` or `rate_limited`,
 * or its own oldest makes room; what others hold is never touched.
 */
export const SHARES = {
  livingSessions: { token: 200, session: NONE, operator: NONE, what: 'sessions that have not ended' },
  /** Of all its sessions; each has its own limit, too. */
  claims: { token: 2_000, session: NONE, operator: NONE, what: 'claims of all its sessions' },
  /** All versions that it wrote; beyond it the oldest that are no longer in force are forgotten. */
  stateBytes: { token: 64 * MIB, session: 64 * MIB, operator: NONE, what: 'bytes of shared values' },
  /** Answers to keyed calls, kept for a retry; beyond it the oldest are forgotten. An event is kept once, as itself. */
  answerBytes: { token: 32 * MIB, session: 32 * MIB, operator: 256 * MIB, what: 'bytes of answers kept for retries' },
  /** Of MCP over HTTP; one that is idle makes room for the next. */
  mcpSessions: { token: 50, session: 50, operator: 200, what: 'MCP sessions' },
  /**
   * Rates bind what comes with a token: a hundred events a second is more than programs on other machines have to say. The
   * operator's own sessions run as the operator's user, who can read the operator's credential and has no limit.
   */
  eventsPerMinute: { token: 6_000, session: NONE, operator: NONE, what: 'events a minute' },
  newSessionsPerMinute: { token: 100, session: NONE, operator: NONE, what: 'new sessions a minute' },
  /** Requests in progress: calls, those that wait for mail among them. A token has 200 sessions that may all wait. */
  callsAtOnce: { token: 300, session: 200, operator: NONE, what: 'calls at once' },
  /** Of events, and of MCP messages from the hub. */
  streams: { token: 300, session: 100, operator: NONE, what: 'open streams' },
} as const satisfies Record<string, { token: number; session: number; operator: number; what: string }>

export type ShareName = keyof typeof SHARES
/** Those of which a holder may make so many in a minute; see `rates.ts`. */
export type RateName = Extract<ShareName, `${string}PerMinute`>
/** Those of which a holder may have so many open at a time; see `open-places.ts`. */
export type PlaceName = Extract<ShareName, 'callsAtOnce' | 'streams'>
