import fc from 'fast-check'
import { LEVELS } from '../../src/bus/event.ts'
import type { Command, IdempotencyKey, Store } from '../../src/bus/store.ts'

/** One thing done to a store, or asked of it. Pools are small, so that steps meet each other's traces. */
export type Step =
  | { readonly step: 'commit'; readonly commands: readonly Command[]; readonly key?: IdempotencyKey }
  | { readonly step: 'read'; readonly what: string; readonly args: readonly unknown[] }
  | { readonly step: 'clock'; readonly byMs: number }
  | { readonly step: 'reopen' }

const sessionId = fc.constantFrom('s1', 's2', 's3', 's4', 'operator')
const anyone = fc.oneof({ weight: 6, arbitrary: sessionId }, fc.constantFrom('nobody', 'token:ci'))
const name = fc.constantFrom('api', 'api-2', 'web', 'ünï', '\u{1F600}x', '\uFF21x')
const topic = fc.constantFrom('a', 'b')
const channel = fc.constantFrom('all', 'topic:a', 'topic:b', 'repo:r1', 'session:s1', 'session:s2', 'session:s3')
const eventId = fc.integer({ min: 0, max: 14 })
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
const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Without the fields that are undefined, as callers leave them out. */
function record<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(fields).map(all => Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)) as T)
}

const newSession = record({
  id: sessionId,
  name,
  codename: fc.constantFrom('red-fox', 'blue-owl', 'old-elk', 'shy-cat', 'big-yak', 'wet-emu'),
  machine: fc.constantFrom('m1', 'm2'),
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
  senderId: anyone,
  senderName: name,
  text,
  title: opt(text),
  tags: opt(fc.uniqueArray(fc.constantFrom('flaky', 'Ship', 'x'))),
  level: fc.constantFrom(...LEVELS),
  urgency: fc.constantFrom('now', 'quiet'),
  replyTo: opt(eventId),
  thread: opt(fc.constantFrom('t1', 't2')),
  hops: fc.nat(3),
  held: fc.option(fc.constantFrom('too many hops', 'pair budget'), { nil: undefined, freq: 6 }) as never,
  expiresAt: fc.option(fc.constantFrom(1, 1_000_000, 4e12), { nil: undefined, freq: 4 }) as never,
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

const writer = { by: anyone, byName: name }
const ms = fc.constantFrom(0, 1, 50, 1_000, 60_000)

const kinds: Record<string, [weight: number, fields: Record<string, fc.Arbitrary<unknown>>]> = {
  createSession: [8, { session: newSession }],
  updateSession: [5, { id: anyone, patch, revive: opt(fc.boolean()), reofferUnproved: opt(fc.boolean()) }],
  endSession: [3, { id: anyone, reason: text }],
  renewClaims: [3, { sessionId: anyone }],
  expire: [3, {}],
  touch: [2, { ids: fc.array(anyone, { maxLength: 3 }) }],
  sweep: [2, { silentMs: ms }],
  follow: [8, { sessionId: anyone, channels: fc.array(channel, { maxLength: 5 }), backfillMs: ms }],
  append: [20, { event: newEvent }],
  offer: [10, { sessionId: anyone, limit, route: fc.constantFrom('inbox', 'prompt hook') }],
  confirm: [8, { sessionId: anyone, proof: fc.constantFrom('next call', 'ack') }],
  acknowledge: [
    6,
    { sessionId: anyone, upTo: eventId, proof: fc.constantFrom('ack', 'read'), rewind: opt(fc.boolean()) },
  ],
  putState: [
    8,
    {
      key,
      value: jsonValue,
      mode: fc.constantFrom('overwrite', 'append'),
      expectedVersion: opt(fc.integer({ min: 0, max: 3 })),
      note: opt(text),
      ...writer,
    },
  ],
  deleteState: [3, { key, expectedVersion: opt(fc.integer({ min: 1, max: 3 })), ...writer }],
  claim: [
    8,
    {
      area,
      path,
      sessionId: anyone,
      ttlMs: fc.constantFrom(1, 1_000, 100_000),
      note: opt(text),
      token: opt(fc.integer({ min: 1, max: 5 })),
    },
  ],
  release: [3, { area, path, sessionId: opt(anyone), token: opt(fc.integer({ min: 1, max: 5 })) }],
  putToken: [
    2,
    {
      token: record({
        name: fc.constantFrom('ci', 'laptop'),
        hash: fc.constantFrom('h1', 'h2', 'h3'),
        scopes: fc.constant(['read']),
        machine: opt(fc.constant('m1')),
      }),
    },
  ],
  revokeToken: [1, { name: fc.constantFrom('ci', 'laptop') }],
  keep: [1, { name: fc.constantFrom('secret', 'id'), value: text }],
  prune: [
    3,
    {
      olderThanMs: opt(ms),
      keepNewest: opt(fc.nat(4)),
      forgetEndedMs: opt(ms),
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

const idempotencyKey = fc.record({
  scope: fc.constantFrom('s1 publish', 's2 publish'),
  key: fc.constantFrom('k1', 'k2'),
  fingerprint: fc.constantFrom('f1', 'f1', 'f1', 'f2'),
})

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
  query: opt(fc.constantFrom('ship', 'SHIP it', 'flaky', 'ärger', 'message', '日本', '!', 'x z')),
  order: fc.constantFrom('asc', 'desc'),
  limit,
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
  sessionOfClient: [fc.constantFrom('m1', 'm2'), fc.constantFrom('c1', 'c2')],
  sessionsCalled: [fc.oneof(name, anyone, fc.constant('red-fox'))],
  sessions: [sessionQuery],
  namesInUse: [fc.constantFrom('', 'api', 'ü', '\u{1F600}')],
  known: [fc.constantFrom('repo', 'machine', 'role', 'topic')],
  isFollowed: [channel],
  followers: [channels, limit],
  channels: [],
  bounds: [],
  event: [eventId],
  events: [eventQuery],
  unread: [anyone, limit],
  hasOpenOffer: [anyone],
  nextExpiry: [],
  receipts: [eventId, limit],
  state: [key, opt(fc.integer({ min: 1, max: 4 }))],
  states: [fc.constantFrom('', 'plan', 'plan/', '\uFF21'), limit],
  stateHistory: [key, limit],
  claims: [record({ area: opt(area), sessionId: opt(anyone) })],
  tokens: [],
  tokenOfHash: [fc.constantFrom('h1', 'h2')],
}

const read = fc.oneof(
  ...Object.entries(reads).map(([what, args]) => fc.tuple(...args).map((args): Step => ({ step: 'read', what, args }))),
)

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: record<Step & { step: 'commit' }>({
        step: fc.constant('commit' as const),
        commands: fc.array(command, { minLength: 1, maxLength: 3 }),
        key: fc.option(idempotencyKey, { nil: undefined, freq: 4 }) as never,
      }),
    },
    { weight: 12, arbitrary: read },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(-500, 1, 20, 1_000, 60_000, 8 * 24 * 3600_000)
        .map((byMs): Step => ({ step: 'clock', byMs })),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ step: 'reopen' }) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
)

/** Everything that the pools could have left behind, asked at the end of a run. */
export async function everything(store: Store): Promise<unknown> {
  const all = { order: 'asc', limit: 1_000 } as const
  const ids = ['s1', 's2', 's3', 's4', 'operator']
  const { commits: _, transactions: __, bytes: ___, ...stats } = await store.stats()
  const events = await store.events(all)
  const entries = await store.states('', 1_000)
  return {
    stats,
    events,
    bounds: await store.bounds(),
    sessions: await store.sessions({ includeEnded: true, limit: 100 }),
    unread: await Promise.all(ids.map(id => store.unread(id, 1_000))),
    receipts: await Promise.all(events.map(event => store.receipts(event.id, 1_000))),
    entries,
    histories: await Promise.all(entries.map(entry => store.stateHistory(entry.key, 1_000))),
    claims: await store.claims({}),
    channels: await store.channels(),
    tokens: await store.tokens(),
    searches: await Promise.all(['ship', 'test_1', 'ci_failed x'].map(query => store.events({ ...all, query }))),
  }
}
