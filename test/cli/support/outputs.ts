import type { OutputOf, PublicOperationName } from '../../../src/operations/index.ts'

/** Half past eleven, wherever the test runs. */
export const NOW = new Date(2026, 10, 21, 11, 30).getTime()
const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const at = minutesAgo(5)

const event = {
  id: 42,
  type: 'message',
  channel: 'role:reviewer',
  from: 'backend',
  text: 'rebased onto main, please look at the retry loop in src/api/client.ts before you merge',
  level: 'info',
  urgency: 'quiet',
  at,
} as const

const backend = {
  id: 'ses_1',
  name: 'backend',
  codename: 'calm-fox',
  role: 'dev',
  summary: 'moves the client to the new API',
  machine: 'desk',
  repo: 'github.com/acme/api',
  branch: 'new-client',
  activity: 'waiting',
  waiting_for: 'permission prompt',
  presence: 'online',
  seen_seconds_ago: 12,
  injected: { chars: 4_200, messages: 3, rings: 1 },
  overlaps: [{ session: 'front', path: 'src/api/**', their_path: 'src/api/client.ts' }],
} as const
const front = { ...backend, id: 'ses_2', name: 'front-end-of-the-new-shop', codename: 'brisk-otter', overlaps: [] }
const { overlaps: _, ...peer } = backend

const entry = { key: 'api/url', version: 3, by: 'backend', at, note: 'moved with the new cluster' }
const claim = { path: 'src/api/**', repo: 'github.com/acme/api', token: 7, expires_at: minutesAgo(-30) }
const token = {
  name: 'ci',
  scopes: ['read', 'publish'],
  machine: 'runner-1',
  created_at: minutesAgo(3 * 24 * 60),
} as const

/** What each command is given to show. */
export const OUTPUTS: { readonly [N in PublicOperationName]: OutputOf<N> } = {
  register: {
    session_id: 'ses_1',
    name: 'backend-2',
    codename: 'calm-fox',
    role: 'dev',
    repo: 'github.com/acme/api',
    machine: 'desk',
    resumed: false,
    unread: 2,
    peers: [backend, front],
    note: 'The name backend is taken: you are backend-2. A client that comes back is the same session if it gave the same `client_id` both times.',
    credential: 'swb_session_x',
  },
  whoami: { ...peer, unread: 1 },
  list_sessions: { sessions: [backend, front], more: true },
  list_channels: {
    channels: [
      { channel: 'all', followers: 12 },
      { channel: 'repo:github.com/acme/a-repository-with-a-long-name', followers: 1 },
    ],
  },
  publish: { event_id: 43, level: 'info', recipients: [{ session: 'backend', state: 'stored' }] },
  inbox: {
    messages: [
      { ...event, trust: 'peer', title: 'Rebased' },
      { ...event, id: 43, trust: 'operator', reply_to: 42, thread: '42', at: minutesAgo(26 * 60) },
    ],
    pending: 1,
  },
  ack: { position: 42, consumed: 1, pending: 0 },
  message_status: {
    event_id: 42,
    from: 'backend',
    channel: 'role:reviewer',
    at,
    receipts: [
      {
        session: 'front-end-of-the-new-shop',
        state: 'answered',
        route: 'hook',
        offered_at: at,
        proof: 'PostToolBatch hook',
        consumed_at: minutesAgo(4),
        answered_by: 43,
      },
      { session: 'backend', state: 'undeliverable', reason: 'the session was forgotten' },
    ],
  },
  get_events: {
    events: [event, { ...event, id: 44, type: 'ci_failed', level: 'actionable', at: minutesAgo(26 * 60) }],
    next: 42,
    has_more: true,
  },
  heartbeat: { name: 'backend', unread: 1, urgent: false, newest: 41 },
  unregister: { session_id: 'ses_1', name: 'backend', released_claims: 1 },
  readmit: { session_id: 'ses_1', name: 'backend' },
  set_state: entry,
  get_state: { ...entry, value: { url: 'http://localhost:3000', since: '2026-11-20' } },
  list_state: { entries: [entry, { ...entry, key: 'plan/of/the/next/release/in/december', version: 12 }], more: true },
  delete_state: entry,
  claim: { ...claim, renewed: false },
  release: { path: claim.path, repo: claim.repo, held_by: 'backend' },
  list_claims: {
    claims: [
      { ...claim, session: 'front-end-of-the-new-shop', seconds_left: 1800, note: 'new auth' },
      { ...claim, path: 'src/db.ts', session: 'backend', seconds_left: 59 },
    ],
  },
  continue_chain: { event_id: 45 },
  prune: { events: 1, sessions: 1, kept_unread: 0 },
  create_token: { ...token, token: 'swb_token_x' },
  list_tokens: { tokens: [token, { ...token, name: 'laptop', revoked_at: minutesAgo(90) }] },
  narrow_token: token,
  revoke_token: { ...token, revoked_at: at, ended_sessions: 1 },
}
