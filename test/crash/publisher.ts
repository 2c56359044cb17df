/**
 * Publishes numbered messages as one session until it is told to stop, and writes down each that was acknowledged.
 * Run as `publisher.js <name> <ledger>`, with SWITCHBOARD_HOME set. It starts the hub where none runs, and prints a dot
 * for each.
 */
import { connect } from '../../src/client/index.ts'
import { openLedger, textOf } from './ledger.ts'

const [publisher = '', ledgerFile = ''] = process.argv.slice(2)
const ledger = openLedger(ledgerFile)
const operator = connect({ deadlineMs: 60_000 })
let isStopping = false
process.once('SIGTERM', () => {
  isStopping = true
})

const { credential } = await operator.call('register', { name: publisher, client_id: publisher, backfill_minutes: 0 })
const client = operator.withCredential(credential)
for (let n = 0; !isStopping; n++) {
  const text = textOf({ publisher, n })
  const { event_id: id } = await client.call('publish', { text, to: 'topic:ledger' }, { key: text })
  ledger.acknowledged({ publisher, n, id })
  process.stdout.write('.')
}
ledger.close()
await operator.close()
