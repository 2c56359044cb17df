/** A client process that holds a stream of its session's mail, and notes when each event was in its hands. */
import { machineMs, serveOrders } from './serve-orders.mjs'

const arrivals = new Map()
const closing = new AbortController()

await serveOrders({
  async begin({ credential }, connectAs) {
    const stream = connectAs(credential).stream({ mine: true, signal: closing.signal })[Symbol.asyncIterator]()
    await stream.next()
    void note(stream)
  },
  arrived: ({ id }) => ({ has: arrivals.has(id) }),
  take() {
    const taken = [...arrivals]
    arrivals.clear()
    return { arrivals: taken }
  },
})

async function note(stream) {
  for (;;) {
    const { value: item, done } = await stream.next()
    if (done) return
    if (item.kind === 'event') arrivals.set(item.event.id, machineMs())
  }
}
