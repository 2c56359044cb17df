/**
 * The everyday operations on a bus with a million events and ten thousand living sessions, over the unix socket: p50
 * per round, and what the hub keeps resident at the end.
 *
 * The floor is the same operation on a second hub whose store is almost empty, in alternating turns. Almost, because
 * what is compared is finding, not printing: it has enough events that a page of the log is as full (50) as on the big
 * one, enough sessions that an answer names as many, and the caller's repo has the same 20 sessions in both.
 * The stores are seeded once; the rounds add a few thousand events to each.
 */
import { residentMb } from './harness/memory.mjs'
import { interleavedP50 } from './harness/numbers.mjs'
import { row } from './harness/row.mjs'
import { SEARCHES, seed } from './harness/seed.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'

const REPO = 'acme/measured'
const PEERS = 20

export async function scale({ programs, rounds, isQuick, withHome }) {
  const size = isQuick ? { events: 50_000, sessions: 1_000 } : { events: 1_000_000, sessions: 10_000 }
  return await withHome(big =>
    withHome(async small => {
      await seed(programs, small.storeFile, { events: 3_000, sessions: 60 })
      await seed(programs, big.storeFile, size)
      const hub = await big.startHub()
      await small.startHub()
      const onBig = await sceneOf(big)
      const onSmall = await sceneOf(small)
      const measured = []
      // Round 0 warms up.
      for (let i = 0; i <= rounds; i++) {
        const result = {}
        for (const name of Object.keys(onBig))
          result[name] = await compared(onBig[name], onSmall[name], isQuick ? 40 : 100)
        if (i > 0) measured.push(result)
      }
      return [
        ...Object.keys(onBig).map(name =>
          row({
            name: `${name} at ${size.events.toLocaleString('en-US')} events (p50)`,
            unit: 'ms',
            values: measured.map(result => result[name].big),
            floors: measured.map(result => result[name].small),
            floor: 'almost empty store',
            target: ['ratio', '≤', 1.5],
          }),
        ),
        row({
          name: `hub resident at ${size.events.toLocaleString('en-US')} events`,
          unit: 'MB',
          values: [residentMb(hub.pid)],
          target: ['value', '≤', 200],
        }),
      ]
    }),
  )
}

async function compared(big, small, times) {
  return await interleavedP50({
    works: { big: big.call, small: small.call },
    prepare: { big: big.before, small: small.before },
    times,
    perTurn: 10,
  })
}

/** The same cast on both hubs, and what it does. */
async function sceneOf(home) {
  const operator = home.connect()
  const as = ({ credential }) => operator.withCredential(credential)
  const [reader, writer] = [
    await registerSession(operator, 'reader', { repo: REPO }),
    await registerSession(operator, 'writer', { repo: REPO }),
  ]
  for (let i = 2; i < PEERS; i++) await registerSession(operator, `peer-${i}`, { repo: REPO, branch: `b-${i}` })
  const [asReader, asWriter] = [as(reader), as(writer)]
  for (let i = 0; i < 60; i++) await asWriter.call('publish', { text: `${i} ${TEXT}`, to: `repo:${REPO}` })
  await asReader.call('ack', { up_to: (await asReader.call('get_events', { limit: 1 })).events[0].id })
  let n = 0
  const publish = to => ({ call: () => asWriter.call('publish', { text: `${n++} ${TEXT}`, to }) })
  const events = filter => ({ call: () => asWriter.call('get_events', filter) })
  return {
    'inbox (three unread)': {
      before: async () => {
        await asReader.call('inbox', { limit: 200 })
        for (let i = 0; i < 3; i++) await asWriter.call('publish', { text: `${n++} ${TEXT}`, to: reader.name })
      },
      call: () => asReader.call('inbox', {}),
    },
    'publish to a session': publish(reader.name),
    'publish to a repo': publish(`repo:${REPO}`),
    'publish to all': publish('all'),
    'list_sessions (scope repo)': { call: () => asWriter.call('list_sessions', { scope: 'repo' }) },
    'get_events (newest page)': events({}),
    'get_events (a channel)': events({ channel: `repo:${REPO}` }),
    'get_events (search, common words)': events({ query: SEARCHES.common }),
    'get_events (search, a rare word)': events({ query: SEARCHES.rare }),
  }
}
