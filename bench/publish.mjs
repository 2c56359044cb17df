/**
 * What one caller waits for an acknowledged publish, over the unix socket, with the typed client: a message from one
 * session to another, answered after the sync of the disk. p50 per round.
 *
 * The floor is what nobody can do without: one exchange of the same client with the same server that does nothing
 * (`GET /healthz`, the same keep-alive connection), plus one row written durably by the SQLite driver alone. What the
 * ratio shows is the cost of everything in between: credential, guards, schema, operation, keys, indexes.
 *
 * That sum is measured in two tight loops, where neither processor ever rests. In a publish both rest while the disk
 * syncs, and waking them is part of any exchange that waits for a disk. So the second line has another floor beside it,
 * without a target: a bare server of the same stack that does such an exchange with nothing in between.
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
      floors: rounds.map(({ echo, insert }) => echo + insert),
      floor: 'echo + FULL insert',
      target: ['ratio', '≤', 1.6],
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
  const works = { echo: () => client.request('GET', '/healthz'), insert, bare, publish }
  // The first thousands of calls are compiled on the way; a hub lives for days.
  await interleavedP50({ works, times: isQuick ? 300 : 1_500 })
  return await interleavedP50({ works, times: isQuick ? 150 : 1_000 })
}
