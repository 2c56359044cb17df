/**
 * From the call of `publish` until the bell line is in the inbox socket of an idle session of Claude Code: all that
 * Switchboard itself adds before the client wakes. The session process is the real one; this process plays its client
 * (environment, status file, hooks, inbox socket) and also publishes, so that one clock measures both ends. Between
 * two messages it takes a turn as a client would, which reads the mail: each message rings anew.
 *
 * The floor is what any answer to a message begins with: a message of the same sender, in turns with the others, until
 * it is here through a stream of this process. A ring needs that way to the session process, and then one line from
 * there to here.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from './harness/numbers.mjs'
import { row } from './harness/row.mjs'
import { ScriptedAgent } from './harness/scripted-agent.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'
import { until } from './harness/until.mjs'

/** What an agent is written to has been idle for a while, as a rule. */
const IDLE_MS = 400

export async function ring({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 7 : 50))
  return [
    row({
      name: 'publish → doorbell written (p50)',
      unit: 'ms',
      values: rounds.map(({ rings }) => percentile(rings, 0.5)),
      floors: rounds.map(({ arrivals }) => percentile(arrivals, 0.5)),
      floor: 'publish → a stream has it',
      target: ['value', '≤', 5],
    }),
  ]
}

async function round(home, times) {
  await home.startHub()
  const operator = home.connect()
  const listener = await registerSession(operator, 'listener')
  const client = operator.withCredential((await registerSession(operator, 'sender')).credential)
  const arrived = follow(home, operator.withCredential(listener.credential))
  const agent = await ScriptedAgent.start(home, 'measured')
  await agent.turn()

  const rings = []
  const arrivals = []
  // The first two warm up.
  for (let i = -2; i < times; i++) {
    await sleep(IDLE_MS / 2)
    const toStream = performance.now()
    const { event_id: id } = await client.call('publish', { text: `${i} ${TEXT}`, to: listener.name })
    const arrivedAt = await until('the event is here', () => arrived.get(id))
    await sleep(IDLE_MS / 2)
    agent.rings.length = 0
    const toAgent = performance.now()
    await client.call('publish', { text: `${i} ${TEXT}`, to: agent.name })
    const [{ at }] = await until('the bell rings', () => agent.rings.length > 0 && agent.rings)
    if (!(await agent.turn()).includes(`${i} ${TEXT}`)) throw new Error('the turn after the bell brought no letter')
    if (i < 0) continue
    arrivals.push(arrivedAt - toStream)
    rings.push(at - toAgent)
  }
  return { rings, arrivals }
}

/** When each event of this session's stream came, by its id. */
function follow(home, client) {
  const arrived = new Map()
  const closing = new AbortController()
  home.defer(() => closing.abort())
  const read = async () => {
    for await (const item of client.stream({ mine: true, signal: closing.signal })) {
      if (item.kind === 'event') arrived.set(item.event.id, performance.now())
    }
  }
  read().catch(() => undefined)
  return arrived
}
