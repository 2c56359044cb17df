import fc from 'fast-check'
import type { Authority } from '../../src/bus/access.ts'
import { LEVELS } from '../../src/bus/event.ts'
import { isPiece } from '../../src/bus/piecewise.ts'
import type { Command, IdempotencyKey, NewEvent, Store } from '../../src/bus/store.ts'

export const START_MS = 1_700_000_000_000

/** One thing done to a store, or asked of it. Pools are small, so that steps meet each other's traces. */
export type Step =
  | {
      readonly step: 'commit'
      readonly commands: readonly Command[]
      readonly key?: IdempotencyKey
      readonly authority?: Authority
    }
  | { readonly step: 'read'; readonly what: string; readonly args: readonly unknown[] }
  | { readonly step: 'clock'; readonly byMs: number }
  | { readonly step: 'date'; readonly forwardMs: number }
  | { readonly step: 'reopen' }

const sessionId = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('s1', 's2', 's3') },
  { weight: 2, arbitrary: fc.constantFrom('s4', 'operator') },
)
const anyone = fc.oneof({ weight: 14, arbitrary: sessionId }, { weight: 1, arbitrary: fc.constant('nobody') })
const sender = fc.oneof({ weight: 3, arbitrary: anyone }, { weight: 1, arbitrary: fc.constant('token:ci') })
const name = fc.constantFrom('api', 'api-2', 'web', 'ünï', 'ÜNÏ', '\u{1F600}x', '\uFF21x', 'AX', 'red-fox', 's2')
const topic = fc.constantFrom('a', 'b')
const channel = fc.constantFrom('all', 'topic:a', 'topic:b', 'repo:r1', 'session:s1', 'session:s2', 'session:s3')
const eventId = fc.integer({ min: 0, max: 24 })
const limit = fc.integer({ min: 0, max: 6 })
const text = fc.oneof(
  fc.constantFrom(
    'Ship IT',
    'flaky test_1 again',
    'naïve Ärger, ship',
    '',
    '日本 語',
    'x\u0000y \uD800 z',
    'a\'b"c -d* (e)',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const jsonValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }),
  fc.constantFrom<unknown>('line', ['one'], 1e300, 2 ** 60, JSON.parse('{"__proto__": {"a": 1}}'), '\uDC00', null),
)
const key = fc.constantFrom('plan', 'plan/a', 'plan/b', 'z', '\u{1F600}', '\uFF21')
const path = fc.constantFrom('src/**', 'src/a.ts', 'src/*.ts', 'docs', 'docs/x.md', '**/*.md', 'app/[id]/page.tsx')
const area = fc.constantFrom('r1', 'r2')
/** Left out in half of the cases, or in nearly all where it makes most commands fail. */
const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Without the fields that are undefined, as callers leave them out. */
function record<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(fields).map(all => Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as T)
}

const tokenId = fc.constantFrom('t1', 't2')
const grantor = fc.oneof({ weight: 2, arbitrary: fc.constant('operator') }, { weight: 1, arbitrary: tokenId })
const scopes = fc.subarray(['read', 'publish'] as const)

const newSession = record({
  id: sessionId,
  name,
  codename: fc.constantFrom('red-fox', 'blue-owl', 'web'),
  machine: fc.constantFrom('m1', 'm2'),
  grantor,
  clientId: opt(fc.constantFrom('c1', 'c2')),
  repo: opt(fc.constantFrom('r1', 'r2')),
  role: opt(fc.constantFrom('dev', 'reviewer')),
  summary: opt(text),
  owns: fc.constant([]),
  topics: fc.uniqueArray(topic),
})

const newEvent = record({
  type: fc.constantFrom('message', 'ci_failed', 'session_registered'),
  channels: fc.uniqueArray(channel, { minLength: 1, maxLength: 3 }),
  senderId: sender,
  senderName: opt(name),
  text,
  title: opt(text),
  tags: opt(fc.uniqueArray(fc.constantFrom('flaky', 'Ship', 'x'))),
  level: fc.constantFrom('info', 'info', 'actionable', 'lifecycle'),
  urgency: fc.constantFrom('now', 'idle', 'quiet'),
  replyTo: seldom(fc.integer({ min: 1, max: 9 })),
  thread: opt(fc.constantFrom('t1', 't2')),
  hops: fc.nat(3),
  root: opt(fc.nat(3)),
  isBegun: opt(fc.constant(true)),
  isPrompt: seldom(fc.constant(true)),
  held: seldom(fc.constantFrom('too many hops', 'pair budget')),
  continues: seldom(fc.integer({ min: 1, max: 4 })),
  expiresAt: seldom(fc.constantFrom(1, START_MS + 50, START_MS + 2_000, 4e12)),
  data: opt(jsonValue),
})

const patch = record({
  name: opt(fc.oneof(name, fc.constant(null))),
  repo: opt(fc.constantFrom('r1', 'r2', null)),
  clientId: opt(fc.constantFrom('c1', 'c2', null)),
  role: opt(fc.constantFrom('dev', 'lead', null)),
  summary: opt(fc.oneof(text, fc.constant(null))),
  topics: opt(fc.oneof(fc.uniqueArray(topic), fc.constant(null))),
})

const talkUntil = opt(fc.constantFrom(START_MS + 30, START_MS + 2_000, 4e12))
/** Room for a few of the values here. */
const share = fc.record({ holder: fc.constantFrom('h1', 'h2'), max: fc.constantFrom(200, 400, 700) })

const writer = { by: anyone, byName: name }
const ms = fc.constantFrom(0, 1, 50, 1_000, 60_000)

const kinds: Record<string, [weight: number, fields: Record<string, fc.Arbitrary<unknown>>]> = {
  createSession: [4, { session: newSession, maxLiving: opt(fc.constant(2)) }],
  updateSession: [
    5,
    {
      id: anyone,
      patch,
      revive: opt(fc.boolean()),
      readmit: seldom(fc.boolean()),
      maxLiving: opt(fc.constant(2)),
      reofferUnproved: opt(fc.boolean()),
    },
  ],
  endSession: [4, { id: anyone, reason: fc.oneof(text, fc.constant('expelled')) }],
  renewClaims: [3, { sessionId: anyone }],
  expire: [3, {}],
  touch: [2, { ids: fc.array(anyone, { maxLength: 3 }) }],
  sweep: [1, { silentMs: fc.constantFrom(50, 60_000, 1e9) }],
  follow: [8, { sessionId: anyone, channels: fc.array(channel, { maxLength: 5 }), backfillMs: ms }],
  append: [36, { event: newEvent }],
  offer: [
    14,
    {
      sessionId: anyone,
      limit,
      events: seldom(fc.array(eventId, { maxLength: 5 })),
      route: fc.constantFrom('inbox', 'prompt hook'),
      talkUntil,
    },
  ],
  takeOver: [10, { sessionId: anyone, endedId: anyone }],
  continueTalk: [4, { sessionId: anyone, chain: record({ hops: fc.nat(3), root: fc.nat(3), until: talkUntil }) }],
  beginTalk: [4, { sessionId: anyone }],
  beginTalks: [2, { root: fc.nat(3) }],
  confirm: [
    10,
    {
      sessionId: anyone,
      proof: fc.constantFrom('next call', 'ack'),
      route: opt(fc.constantFrom('inbox', 'prompt hook')),
      events: opt(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 })),
    },
  ],
  acknowledge: [
    6,
    {
      sessionId: anyone,
      upTo: fc.integer({ min: 0, max: 12 }),
      proof: fc.constantFrom('ack', 'read'),
      rewind: opt(fc.boolean()),
    },
  ],
  putState: [
    8,
    {
      key,
      value: jsonValue,
      mode: fc.constantFrom('overwrite', 'append'),
      expectedVersion: seldom(fc.integer({ min: 0, max: 3 })),
      note: opt(text),
      share: opt(share),
      ...writer,
    },
  ],
  deleteState: [3, { key, expectedVersion: seldom(fc.integer({ min: 1, max: 3 })), share: opt(share), ...writer }],
  claim: [
    8,
    {
      area,
      path,
      sessionId: anyone,
      ttlMs: fc.constantFrom(1, 1_000, 100_000),
      note: opt(text),
      token: seldom(fc.integer({ min: 1, max: 3 })),
    },
  ],
  moveClaims: [1, { area, to: area, sessionId: anyone }],
  release: [3, { area, path, sessionId: opt(anyone), token: seldom(fc.integer({ min: 1, max: 3 })) }],
  putToken: [
    2,
    {
      token: record({
        id: fc.constantFrom('t1', 't2', 't3'),
        name: fc.constantFrom('ci', 'laptop'),
        hash: fc.constantFrom('h1', 'h2', 'h3'),
        scopes,
        machine: opt(fc.constant('m1')),
      }),
    },
  ],
  narrowToken: [1, { name: fc.constantFrom('ci', 'laptop'), scopes }],
  revokeToken: [1, { name: fc.constantFrom('ci', 'laptop') }],
  keep: [1, { name: fc.constantFrom('secret', 'id'), value: text }],
  prune: [
    3,
    {
      olderThanMs: opt(ms),
      keepNewest: opt(fc.nat(12)),
      forgetEndedMs: seldom(ms),
      dryRun: opt(fc.boolean()),
    },
  ],
}

const command = fc.oneof(
  ...Object.entries(kinds).map(([kind, [weight, fields]]) => ({
    weight,
    arbitrary: record<Record<string, unknown>>(fields).map(needs => ({ kind, ...needs }) as unknown as Command),
  })),
)

const idempotencyKey = record<IdempotencyKey>({
  scope: fc.constantFrom('s1 publish', 's2 publish'),
  key: fc.constantFrom('k1', 'k2'),
  fingerprint: fc.constantFrom('f1', 'f1', 'f1', 'f2'),
  share: opt(share),
})

const authority: fc.Arbitrary<Authority> = fc.oneof(
  record<Authority>({ kind: fc.constant('token'), id: tokenId, scope: fc.constantFrom('read', 'publish') }),
  record<Authority>({
    kind: fc.constant('session'),
    id: anyone,
    scope: fc.constantFrom('read', 'publish'),
    mayHaveEnded: opt(fc.boolean()),
  }),
)

const channels = fc.uniqueArray(channel, { minLength: 1, maxLength: 3 })
const eventQuery = record({
  after: opt(eventId),
  before: opt(eventId),
  channels: opt(channels),
  types: opt(fc.uniqueArray(fc.constantFrom('message', 'ci_failed', 'other'), { minLength: 1 })),
  senderId: opt(anyone),
  notSenderId: opt(anyone),
  thread: opt(fc.constantFrom('t1', 't2')),
  minLevel: opt(fc.constantFrom(...LEVELS)),
  continues: seldom(fc.integer({ min: 1, max: 4 })),
  query: opt(fc.constantFrom('ship', 'SHIP it', 'flaky', 'ärger', 'message', '日本', '!', 'x z')),
  order: fc.constantFrom('asc', 'desc'),
  limit,
  maxChars: opt(fc.constantFrom(1, 200, 400)),
})
const sessionQuery = record({
  repo: opt(fc.constantFrom('r1', 'r2')),
  machine: opt(fc.constantFrom('m1', 'm2')),
  includeEnded: opt(fc.boolean()),
  limit,
})

const reads: Record<string, fc.Arbitrary<unknown>[]> = {
  now: [],
  session: [anyone],
  sessionOfClient: [grantor, fc.constantFrom('m1', 'm2'), fc.constantFrom('c1', 'c2')],
  sessionsCalled: [fc.oneof(name, anyone, fc.constantFrom('red-fox', 'red-fox-2', 'web-2'))],
  sessions: [sessionQuery],
  known: [fc.constantFrom('repo', 'machine', 'role', 'topic'), limit],
  isFollowed: [channel],
  followers: [channels, limit],
  channels: [limit],
  bounds: [],
  event: [eventId],
  events: [eventQuery],
  unread: [anyone, limit, fc.constantFrom('oldest', 'urgent')],
  unreadDirect: [anyone, limit],
  hasOpenOffer: [anyone],
  talk: [anyone],
  nextExpiry: [],
  receipts: [eventId, limit],
  state: [key, opt(fc.integer({ min: 1, max: 4 }))],
  states: [fc.constantFrom('', 'plan', 'plan/', '\uFF21'), limit],
  stateHistory: [key, limit],
  claims: [
    record({
      area: opt(area),
      sessionId: opt(anyone),
      notSessionId: opt(anyone),
      meets: opt(record({ path, foldsCase: opt(fc.boolean()) })),
      covers: opt(record({ path, foldsCase: opt(fc.boolean()) })),
      limit,
    }),
  ],
  tokens: [],
  token: [fc.constantFrom('t1', 't2', 't3')],
  tokenOfHash: [fc.constantFrom('h1', 'h2')],
  kept: [fc.constantFrom('secret', 'none')],
}

const read = fc.oneof(
  ...Object.entries(reads).map(([what, args]) => fc.tuple(...args).map((args): Step => ({ step: 'read', what, args }))),
)

const started = (backfillMs: number): Step[] =>
  ['s1', 's2', 's3'].map(id => ({
    step: 'commit',
    commands: [
      {
        kind: 'createSession',
        session: {
          id,
          name: id,
          codename: `code-${id}`,
          machine: 'm1',
          grantor: id === 's3' ? 't1' : 'operator',
          repo: 'r1',
          owns: [],
          topics: [],
        },
      },
      { kind: 'follow', sessionId: id, channels: ['all', `session:${id}`, 'topic:a'], backfillMs },
    ],
  }))

/** What was there before anybody joined. */
const before = fc.array(
  newEvent.map((event): Step => ({ step: 'commit', commands: [{ kind: 'append', event: event as NewEvent }] })),
  { maxLength: 3 },
)

const commands = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(command) },
  // Of several commands each does what one piece may.
  {
    weight: 1,
    arbitrary: fc.array(
      command.filter(each => !isPiece([each])),
      { minLength: 2, maxLength: 3 },
    ),
  },
)

/** What ends sessions is done piece by piece, by the hub or the operator: never on an authority that may end with the first. */
const commandsOfCallers = commands
  .map(each => each.filter(({ kind }) => !['sweep', 'expire', 'prune', 'revokeToken'].includes(kind)))
  .filter(each => each.length > 0)

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: commands.map((commands): Step => ({ step: 'commit', commands })) },
  {
    weight: 1,
    arbitrary: fc.tuple(commands, idempotencyKey).map(([commands, key]): Step => ({ step: 'commit', commands, key })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(commandsOfCallers, authority)
      .map(([commands, authority]): Step => ({ step: 'commit', commands, authority })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(newEvent, idempotencyKey)
      .map(([event, key]): Step => ({ step: 'commit', commands: [{ kind: 'append', event: event as NewEvent }], key })),
  },
  { weight: 6, arbitrary: read },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 20, 20, 1_000, 1_000, 60_000, 8 * 24 * 3600_000)
      .map((byMs): Step => ({ step: 'clock', byMs })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0, 0, -500, -3 * 3600_000, 1_000, 3600_000, 365 * 24 * 3600_000)
      .map((forwardMs): Step => ({ step: 'date', forwardMs })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ step: 'reopen' }) },
)

/** Three sessions join at the beginning, so that most of what follows has somebody to happen to. */
export const steps: fc.Arbitrary<Step[]> = fc
  .tuple(before, fc.constantFrom(0, 1_000), fc.array(anyStep, { minLength: 10, maxLength: 70, size: 'max' }))
  .map(([earlier, backfillMs, rest]) => [...earlier, ...started(backfillMs), ...rest])

/** Everything that the pools could have left behind, asked at the end of a run. */
export async function everything(store: Store): Promise<unknown> {
  const all = { order: 'asc', limit: 1_000 } as const
  const ids = ['s1', 's2', 's3', 's4', 'operator']
  const { commits: _, transactions: __, bytes: ___, ...stats } = await store.stats()
  const { events } = await store.events(all)
  const entries = await store.states('', 1_000)
  return {
    stats,
    events,
    bounds: await store.bounds(),
    sessions: await store.sessions({ includeEnded: true, limit: 100 }),
    unread: await Promise.all(ids.map(id => store.unread(id, 1_000))),
    direct: await Promise.all(ids.map(id => store.unreadDirect(id, 1_000))),
    urgent: await Promise.all(ids.map(id => store.unread(id, 3, 'urgent'))),
    talk: await Promise.all(ids.map(id => store.talk(id))),
    receipts: await Promise.all(events.map(event => store.receipts(event.id, 1_000))),
    entries,
    histories: await Promise.all(entries.map(entry => store.stateHistory(entry.key, 1_000))),
    claims: await store.claims({ limit: 99 }),
    channels: await store.channels(99),
    tokens: await store.tokens(),
    searches: await Promise.all(['ship', 'test_1', 'ci_failed x'].map(query => store.events({ ...all, query }))),
  }
}
