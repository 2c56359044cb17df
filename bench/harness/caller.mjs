/** A client process that calls one after the other, each awaited, from `at` for `ms`, and counts. */
import { machineMs, reachMs, serveOrders } from './serve-orders.mjs'

let client
let n = 0
const calls = {
  echo: () => client.request('GET', '/healthz'),
  publish: ({ to, text }) => client.call('publish', { to, text: `${n++} ${text}` }),
}

await serveOrders({
  async begin({ credential }, connectAs) {
    client = connectAs(credential)
    await calls.echo()
  },
  async repeat({ call, at, ms, ...message }) {
    await reachMs(at)
    const endAt = at + ms
    let count = 0
    while (machineMs() < endAt) {
      await calls[call](message)
      count++
    }
    return { count, ms: machineMs() - at }
  },
})
