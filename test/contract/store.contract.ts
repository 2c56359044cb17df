import { describe, test } from 'vitest'
import { acknowledgements } from './acknowledgements.ts'
import { authority } from './authority.ts'
import type { Bench, Cases } from './bench.ts'
import { changes } from './changes.ts'
import { channels } from './channels.ts'
import { claims } from './claims.ts'
import { commits } from './commits.ts'
import { events } from './events.ts'
import { expiry } from './expiry.ts'
import { inbox } from './inbox.ts'
import { receipts } from './receipts.ts'
import { sessions } from './sessions.ts'
import { shares } from './shares.ts'
import { state } from './state.ts'
import { takeOvers } from './take-over.ts'
import { talk } from './talk.ts'
import { time } from './time.ts'
import { upkeep } from './upkeep.ts'

/** The store port's promises, sentence by sentence. Every store passes all of them. */
export const contract: Record<string, Cases> = {
  commits,
  sessions,
  authority,
  channels,
  events,
  inbox,
  acknowledgements,
  'take-overs': takeOvers,
  expiry,
  receipts,
  changes,
  talk,
  state,
  shares,
  claims,
  upkeep,
  time,
}

/** A fresh store whose clock stands at `START_MS`, and the way to clear it away. */
export type OpenBench = () => Promise<Bench & { readonly dispose: () => Promise<void> }>

export function describeStoreContract(name: string, open: OpenBench): void {
  describe.each(Object.entries(contract))(`${name}: %s`, (_, cases) => {
    test.each(Object.entries(cases))('%s', async (_, run) => {
      const bench = await open()
      try {
        await run(bench)
      } finally {
        await bench.dispose()
      }
    })
  })
}
