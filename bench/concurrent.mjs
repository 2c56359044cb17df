/**
 * Eight client processes, each awaiting every acknowledgement before its next publish: events per second in all, and
 * how many transactions (each one sync of the disk) the hub needed per event.
 *
 * The floor is the same eight processes doing the same with `GET /healthz` on the same server: how many exchanges per
 * second hub and clients manage on this machine at all. On two cores, eight clients and a hub share them; they do in
 * both. Bursts of both kinds alternate within a round.
 */
import { row } from './harness/row.mjs'
import { machineMs } from './harness/serve-orders.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'
import { startWorker } from './harness/worker.mjs'

const CLIENTS = 8

export async function concurrent({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? { bursts: 2, ms: 300 } : { bursts: 4, ms: 750 }))
  return [
    row({
      name: `publish, ${CLIENTS} client processes`,
      unit: 'events/s',
      values: rounds.map(({ publish }) => publish),
      floors: rounds.map(({ echo }) => echo),
      floor: 'echo/s',
      target: ['ratio', '≥', 0.4],
    }),
    row({
      name: '  transactions per event',
      unit: '',
      values: rounds.map(({ transactionsPerEvent }) => transactionsPerEvent),
      target: ['value', '<', 0.3],
    }),
  ]
}

async function round(home, { bursts, ms }) {
  await home.startHub()
  const operator = home.connect()
  const workers = []
  for (let i = 0; i < CLIENTS; i++) {
    const { credential } = await registerSession(operator, `client-${i}`)
    const worker = startWorker(home, './caller.mjs')
    await worker.ask({ do: 'begin', credential })
    workers.push(worker)
  }
  const burst = async (call, ms) => {
    const at = machineMs() + 50
    const order = i => ({ do: 'repeat', call, at, ms, to: `client-${(i + 1) % CLIENTS}`, text: TEXT })
    return await Promise.all(workers.map((worker, i) => worker.ask(order(i))))
  }
  for (const call of ['echo', 'publish']) await burst(call, 400)
  const total = { echo: { count: 0, rate: 0 }, publish: { count: 0, rate: 0 } }
  let transactions = 0
  for (let i = 0; i < bursts; i++) {
    for (const call of ['echo', 'publish']) {
      const before = await storeStats(operator)
      const answers = await burst(call, ms)
      if (call === 'publish') transactions += (await storeStats(operator)).transactions - before.transactions
      for (const { count, ms } of answers) {
        total[call].count += count
        total[call].rate += (count / ms) * 1_000
      }
    }
  }
  return {
    echo: total.echo.rate / bursts,
    publish: total.publish.rate / bursts,
    transactionsPerEvent: transactions / total.publish.count,
  }
}

async function storeStats(client) {
  return (await client.request('GET', '/v1/hub')).store
}
