import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Fills a store through its port as months of work would: sessions join along the way, and every hundredth event or so
 * is bookkeeping. Most events are broadcast on repos and topics, some go to all and some to one session. All sessions
 * are alive at the end, which is the heavier case. Deterministic.
 */
const WORDS = (
  'rebase merge branch test suite flaky build deploy schema table index query cache token claim release review ' +
  'fixture rename column order payment checkout invoice worker queue retry timeout socket stream cursor commit ' +
  'rollback migration contract handler route guard limit budget session message inbox channel topic role machine'
).split(' ')

/** In so many events of every log that is seeded, evenly spread: a word that is rare. */
const MENTIONS = 30
/** Two words that are in every seventh event, and a common one with the rare one. */
export const SEARCHES = { common: 'flaky checkout', rare: 'deploy INC_4711' }

const SESSIONS_PER_REPO = 20
const PER_COMMIT = 2_000
/** The store brings events into its word index when nothing else is to be done, 64 or more of them per turn. */
const IDLE_TURNS = PER_COMMIT / 64
/** The log spans so long, and ends now. */
const SPAN_MS = 90 * 24 * 3600_000

export async function seed({ openSqliteStore, channelsOf }, path, { events, sessions }) {
  const startedAt = Date.now() - SPAN_MS
  let done = 0
  // The hub that opens the file later must not find a time that has yet to come.
  const now = () => Math.floor(startedAt + (SPAN_MS - 1_000) * (done / events))
  const store = await openSqliteStore({ path, now })
  try {
    const random = randomFrom(20)
    const made = []
    while (done < events) {
      const commands = []
      const upTo = Math.min(done + PER_COMMIT, events)
      for (let n = done; n < upTo; n++) {
        const isMention = n % Math.floor(events / MENTIONS) === 7
        commands.push({ kind: 'append', event: eventOf(random, made, sessions, isMention) })
        if (made.length < sessions && n >= (events / sessions) * made.length) join(made, commands, channelsOf)
      }
      const commit = await store.commit(commands)
      if (!commit.ok) throw new Error(`seed: ${JSON.stringify(commit.conflict)}`)
      done = upTo
      for (let turn = 0; turn < IDLE_TURNS; turn++) await nextTurn()
    }
    await store.commit([{ kind: 'touch', ids: made.map(({ id }) => id) }])
  } finally {
    await store.close()
  }
}

function join(made, commands, channelsOf) {
  const session = sessionOf(made.length)
  made.push(session)
  commands.push({ kind: 'createSession', session })
  commands.push({ kind: 'follow', sessionId: session.id, channels: channelsOf(session), backfillMs: 3600_000 })
}

function sessionOf(n) {
  const repo = Math.floor(n / SESSIONS_PER_REPO)
  return {
    id: `ses_${n
      .toString(32)
      .replace(/[^a-v]/g, digit => 'wxyz234567'[digit])
      .padStart(12, 'w')}`,
    name: `agent-${n}`,
    codename: `seeded ${n}`,
    agent: 'claude-code',
    role: `role-${n % 6}`,
    summary: `Works on ${WORDS[n % WORDS.length]} and ${WORDS[(n * 7) % WORDS.length]} of the service`,
    machine: `machine-${n % 40}`,
    grantor: 'operator',
    clientId: `client-${n}`,
    repo: `acme/service-${repo}`,
    worktree: `/srv/work/service-${repo}/wt-${n % SESSIONS_PER_REPO}`,
    branch: `feature/${n}`,
    owns: [`src/part-${n % SESSIONS_PER_REPO}/**`],
    topics: [`area-${n % 50}`],
  }
}

function eventOf(random, made, sessions, isMention) {
  const sender = made.length === 0 ? undefined : made[Math.floor(random() * made.length)]
  const where = random()
  const text = Array.from({ length: 24 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')
  const event = {
    type: where < 0.7 ? 'message' : 'task_completed',
    channels: ['all'],
    senderId: sender?.id ?? 'operator',
    senderName: sender?.name ?? 'operator',
    text: isMention ? `deploy ${text} inc_4711` : text,
    level: 'info',
    urgency: 'quiet',
    hops: 0,
  }
  if (where < 0.02) return { ...event, type: 'session_registered', level: 'lifecycle' }
  if (where < 0.1 || sender === undefined) return event
  if (where < 0.6) return { ...event, channels: [`repo:${sender.repo}`] }
  if (where < 0.85) return { ...event, channels: [`topic:area-${Math.floor(random() * 50)}`] }
  if (where < 0.9) return { ...event, channels: [`role:role-${Math.floor(random() * Math.min(6, sessions))}`] }
  const to = made[Math.floor(random() * made.length)]
  return { ...event, channels: [`session:${to.id}`], level: 'actionable', urgency: 'now', thread: `job-${to.name}` }
}

/** Mulberry32: small, good enough to mix, and the same numbers each time. */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
