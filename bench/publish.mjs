/**
 * What one caller waits for an acknowledged publish, over the unix socket, with the typed client: a message from one
 * session to another, answered after the sync of the disk. p50 per round.
 *
 * The floor is what nobody can do without: one exchange of the same client with the same server that does nothing
 * (`GET /healthz`, the same keep-alive connection), and then one row written durably by the SQLite driver alone. One
 * after the other, as in a publish: processors and disk rest while they wait for each other, and waking them is part of
 * any exchange that waits for a disk. The same two in tight loops of their own, where nothing ever rests, are the next
 * row's floor. The last one's is a bare server of the same stack that does such an exchange with nothing in between.
 *
 * What the ratios show is the cost of everything in between: credential, guards, schema, operation, keys, indexes.
 */
import { bareFloor } from './harness/bare-floor.mjs'
import { insertFloor } from './harness/insert-floor.mjs'
import { interleavedP50 } from './harness/numbers.mjs'
import { row } from './harness/row.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'

export async function publish({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick))
  return [
    row({
      name: 'publish, one caller (p50)',
      unit: 'ms',
      values: rounds.map(({ publish }) => publish),
      floors: rounds.map(({ echoThenInsert }) => echoThenInsert),
      floor: 'echo, then FULL insert',
      target: ['ratio', '≤', 1.6],
    }),
    row({
      name: '  beside both in loops of their own',
      unit: 'ms',
      values: rounds.map(({ publish }) => publish),
      floors: rounds.map(({ echo, insert }) => echo + insert),
      floor: 'echo + FULL insert',
    }),
    row({
      name: '  beside a bare server that inserts',
      unit: 'ms',
      values: rounds.map(({ publish }) => publish),
      floors: rounds.map(({ bare }) => bare),
      floor: 'one exchange with it',
    }),
    row({ name: '  of the floor: echo', unit: 'ms', values: rounds.map(({ echo }) => echo) }),
    row({ name: '  of the floor: FULL insert', unit: 'ms', values: rounds.map(({ insert }) => insert) }),
  ]
}

async function round(home, isQuick) {
  await home.startHub()
  const operator = home.connect()
  const receiver = await registerSession(operator, 'receiver')
  const client = operator.withCredential((await registerSession(operator, 'sender')).credential)
  let n = 0
  const publish = () => client.call('publish', { text: `${n++} ${TEXT}`, to: receiver.name })
  const { event_id } = await publish()
  const { events } = await client.call('get_events', { after: event_id - 1 })
  const body = JSON.stringify(events[0])
  const { insert } = await insertFloor(home, body)
  const bare = await bareFloor(home, body, { text: TEXT, to: receiver.name })
  const echo = () => client.request('GET', '/healthz')
  const echoThenInsert = async () => {
    await echo()
    insert()
  }
  const works = { echo, insert, echoThenInsert, bare, publish }
  // The first thousands of calls are compiled on the way; a hub lives for days.
  await interleavedP50({ works, times: isQuick ? 1_000 : 3_000 })
  return await interleavedP50({ works, times: isQuick ? 300 : 1_000 })
}
