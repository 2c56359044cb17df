// Publishes until it is killed, four at a time, and says which ids were acknowledged: `node writer.mjs <file>`.
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { anEvent } from '../bench.ts'

const store = await openSqliteStore({ path: process.argv[2]! })
await Promise.all(
  [1, 2, 3, 4].map(async publisher => {
    for (let n = 1; ; n++) {
      const text = `${publisher} ${n} ${'x'.repeat(n % 3_000)}`
      const commit = await store.commit([{ kind: 'append', event: anEvent({ text }) }])
      if (commit.ok) writeSync(1, `${commit.results[0].id} ${publisher} ${n}\n`)
    }
  }),
)
