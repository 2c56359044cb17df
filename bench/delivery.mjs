/**
 * From the call of `publish` in one process until another process has the event in its hands through its session's
 * stream, at a gentle rate, as sessions talk: p50 and p99 of a round. The way includes the sync of the disk, because
 * nothing is delivered before it is safe.
 *
 * Both processes read the machine's monotonic clock (`process.hrtime`), which is one and the same for all processes;
 * no times of day are compared.
 *
 * The floor is half an echo of the sender's at the same gentle rate: one way between a client and the hub. Delivery
 * needs two such ways, one sync, and the way of the stream. A sparse caller meets sleeping cores, so this echo is
 * slower than that of a busy one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, timed } from './harness/numbers.mjs'
import { row } from './harness/row.mjs'
import { machineMs } from './harness/serve-orders.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'
import { until } from './harness/until.mjs'
import { startWorker } from './harness/worker.mjs'

const EVERY_MS = 10

export async function delivery({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 100 : 500))
  const floors = rounds.map(({ echoes }) => percentile(echoes, 0.5) / 2)
  const line = (share, limit) =>
    row({
      name: `publish → the other process has it (p${share * 100})`,
      unit: 'ms',
      values: rounds.map(({ deliveries }) => percentile(deliveries, share)),
      floors,
      floor: 'half an echo',
      target: ['value', '≤', limit],
    })
  return [line(0.5, 2), line(0.99, 10)]
}

async function round(home, times) {
  await home.startHub()
  const operator = home.connect()
  const receiver = await registerSession(operator, 'receiver')
  const client = operator.withCredential((await registerSession(operator, 'sender')).credential)
  const listener = startWorker(home, './listener.mjs')
  await listener.ask({ do: 'begin', credential: receiver.credential })

  const send = async text => {
    const sentAt = machineMs()
    const { event_id: id } = await client.call('publish', { text, to: receiver.name })
    return { id, sentAt }
  }
  const arrived = ({ id }) => until('the event arrives', async () => (await listener.ask({ do: 'arrived', id })).has)
  for (let i = 0; i < 200; i++) await send(TEXT)
  await arrived(await send(TEXT))
  await listener.ask({ do: 'take' })

  const sent = []
  const echoes = []
  for (let i = 0; i < times; i++) {
    await sleep(EVERY_MS / 2)
    sent.push(await send(`${i} ${TEXT}`))
    await sleep(EVERY_MS / 2)
    echoes.push(await timed(() => client.request('GET', '/healthz')))
  }
  await arrived(sent.at(-1))
  const arrivals = new Map((await listener.ask({ do: 'take' })).arrivals)
  const deliveries = sent.map(({ id, sentAt }) => arrivals.get(id) - sentAt)
  if (deliveries.some(Number.isNaN)) throw new Error('an event that was published did not arrive')
  return { deliveries, echoes }
}
