/**
 * Events per second where several share one sync of the disk, and the size of what every session's model is shown.
 *
 * - Through the store port, in commits of 100 events. Floor: 100 bare rows per transaction by the SQLite driver alone.
 * - Over the unix socket by one client with 32 publishes in flight. Floor: 32 echoes in flight.
 * - Bytes of the answer to `tools/list`, from a real stdio server.
 */
import { join } from 'node:path'
import { insertFloor } from './harness/insert-floor.mjs'
import { McpProcess } from './harness/mcp-process.mjs'
import { percentile, timed } from './harness/numbers.mjs'
import { row } from './harness/row.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'

const PER_COMMIT = 100
const IN_FLIGHT = 32

export async function batches({ inRounds, isQuick }) {
  const commits = await inRounds(home => storeRound(home, isQuick ? 40 : 200))
  const flights = await inRounds(home => socketRound(home, isQuick ? 20 : 100))
  return [
    row({
      name: `store port, commits of ${PER_COMMIT}`,
      unit: 'events/s',
      values: commits.map(({ store }) => store),
      floors: commits.map(({ driver }) => driver),
      floor: 'rows/s',
    }),
    row({
      name: `socket, ${IN_FLIGHT} in flight`,
      unit: 'events/s',
      values: flights.map(({ publish }) => publish),
      floors: flights.map(({ echo }) => echo),
      floor: 'echo/s',
    }),
    row({ name: 'tools/list', unit: 'bytes', values: flights.map(({ toolsBytes }) => toolsBytes) }),
  ]
}

async function storeRound(home, times) {
  const store = await home.programs.openSqliteStore({ path: join(home.folder, 'store.db') })
  home.defer(() => store.close())
  const event = {
    type: 'message',
    channels: ['topic:bench'],
    senderId: 'ses_bench',
    senderName: 'bench',
    text: TEXT,
    level: 'info',
    urgency: 'quiet',
    hops: 0,
  }
  const commands = Array.from({ length: PER_COMMIT }, () => ({ kind: 'append', event }))
  const { insertMany } = await insertFloor(home, JSON.stringify(event))
  const taken = await inTurns(times, {
    store: () => store.commit(commands),
    driver: async () => insertMany(PER_COMMIT),
  })
  return { store: perSecond(PER_COMMIT, taken.store), driver: perSecond(PER_COMMIT, taken.driver) }
}

async function socketRound(home, times) {
  await home.startHub()
  const operator = home.connect()
  const client = operator.withCredential((await registerSession(operator, 'sender')).credential)
  let n = 0
  const flight = call => () => Promise.all(Array.from({ length: IN_FLIGHT }, call))
  const taken = await inTurns(times, {
    publish: flight(() => client.call('publish', { text: `${n++} ${TEXT}`, to: 'topic:bench' })),
    echo: flight(() => client.request('GET', '/healthz')),
  })
  const agent = new McpProcess(home)
  await agent.initialize()
  agent.initialized()
  const toolsBytes = Buffer.byteLength(await agent.request('tools/list'))
  await agent.end()
  return { publish: perSecond(IN_FLIGHT, taken.publish), echo: perSecond(IN_FLIGHT, taken.echo), toolsBytes }
}

/** Times each kind in turns, after a quarter as much for warming up. */
async function inTurns(times, works) {
  const taken = Object.fromEntries(Object.keys(works).map(name => [name, []]))
  for (let i = -times / 4; i < times; i++) {
    for (const [name, work] of Object.entries(works)) {
      const ms = await timed(work)
      if (i >= 0) taken[name].push(ms)
    }
  }
  return taken
}

function perSecond(events, taken) {
  return events / (percentile(taken, 0.5) / 1000)
}
