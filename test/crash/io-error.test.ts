/**
 * An error of the disk on commit is never answered with success. What a failed sync leaves in the page cache nobody
 * can know, and the next sync may succeed without it: so the hub that saw one ends, and a fresh one reads the disk.
 */
import { expect, test } from 'vitest'
import { tier } from '../tier.ts'
import { canTrace } from './failing-disk.ts'
import { type FailingRun, runOnFailingDisk } from './failing-run.ts'
import { preparePrograms } from './programs.ts'

/** Each of the first so many syncs of a hub's life fails once. */
const syncs = tier.failingSyncs
/** Against hangs. */
const RUN_MS = 60_000
const AT_ONCE = 2
/** Of the publishing after a start, which itself syncs the store 25 times: thirteen migrations, and what a new home needs. */
const PLANTED_AT = [28, 31]

const isTraceable = canTrace()
if (!isTraceable) console.log('io-error: skipped; strace is missing or may not trace here (apt-get install strace)')

test.skipIf(!isTraceable)('the run catches a hub that tries again', { timeout: 4 * RUN_MS }, async () => {
  await using programs = await preparePrograms('retrying-hub.ts')
  for (const nth of PLANTED_AT)
    expect((await runOnFailingDisk(programs, nth)).broken).toContainEqual(expect.stringContaining('the hub went on'))
})

test.skipIf(!isTraceable)(
  `no call is answered with success after an error at any of ${syncs} syncs, and nothing acknowledged is lost`,
  { timeout: syncs * RUN_MS },
  async () => {
    await using programs = await preparePrograms()
    const runs = new Map<number, FailingRun>()
    const queue = Array.from({ length: syncs }, (_, n) => n + 1)
    const worker = async () => {
      for (let nth = queue.shift(); nth !== undefined; nth = queue.shift()) {
        runs.set(nth, await runOnFailingDisk(programs, nth))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    const up = [...runs.values()].filter(run => run.isUp)
    const acknowledged = up.reduce((sum, run) => sum + run.acknowledged, 0)
    console.log(
      `io-error: ${runs.size} errors, ${up.length} of them after the start; ${acknowledged} acknowledged, 0 lost`,
    )
    expect([...runs].filter(([, run]) => run.broken.length > 0).map(([nth, { broken }]) => ({ nth, broken }))).toEqual(
      [],
    )
    expect(up.length).toBeGreaterThan(0)
  },
)
