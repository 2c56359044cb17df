import { pathToFileURL } from 'node:url'

/** The other end of `startWorker`: answers orders by their name. Handlers get the home's `connect`. */
export async function serveOrders(handlers) {
  const [clientFile, url] = process.argv.slice(2)
  const { connect } = await import(pathToFileURL(clientFile).href)
  const connectAs = credential => connect({ url, credential, startHub: false })
  process.on('message', async order => {
    try {
      process.send({ ...(await handlers[order.do](order, connectAs)) })
    } catch (error) {
      process.send({ error: error.stack ?? String(error) })
    }
  })
  process.once('disconnect', () => process.exit(0))
}

/** Nanoseconds of the machine's monotonic clock, as milliseconds: the same for all processes on it. */
export const machineMs = () => Number(process.hrtime.bigint()) / 1e6

export async function reachMs(at) {
  while (machineMs() < at) await new Promise(resolve => setImmediate(resolve))
}
