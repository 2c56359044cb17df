// Opens the file as one of many that start at the same moment, and leaves one event: `node starter.mjs <file>`. A hub takes
// its lock first, and has the file for itself.
import { takeLock } from '../../../src/hub/lock.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { until } from '../../until.ts'
import { anEvent } from '../bench.ts'

const path = process.argv[2]!
const letGo = await until(() => takeLock(`${path}.lock`))
const store = await openSqliteStore({ path })
await store.commit([{ kind: 'append', event: anEvent({ senderId: String(process.pid) }) }])
await store.close()
letGo()
