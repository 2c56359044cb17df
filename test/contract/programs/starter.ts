// Opens the file as one of many at the same moment, and leaves one event: `node starter.mjs <file>`.
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { anEvent } from '../bench.ts'

const store = await openSqliteStore({ path: process.argv[2]! })
await store.commit([{ kind: 'append', event: anEvent({ senderId: String(process.pid) }) }])
await store.close()
