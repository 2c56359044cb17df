/**
 * An error of the disk on commit is never answered with success. What a failed sync leaves in the page cache nobody
 * can know, and the next sync may succeed without it: so the hub that saw one ends, and a fresh one reads the disk.
 */
import { expect, test } from 'vitest'
import { tier } from '../tier.ts'
import { canTrace, startTraced } from './failing-disk.ts'
import { type FailingRun, runOnFailingDisk } from './failing-run.ts'
import { type Programs, preparePrograms } from './programs.ts'
import { tempHome } from './temp-home.ts'

/** Each sync of a hub's start and so many after it fail once. */
const { failingSyncs } = tier
const AT_ONCE = 2
/** Syncs of the publishing, counted from the last one of the start. */
const PLANTED_AT = [3, 6]

const isTraceable = canTrace()
if (!isTraceable) console.log('io-error: skipped; strace is missing or may not trace here (apt-get install strace)')

test.skipIf(!isTraceable)('the run catches a hub that tries again', { timeout: 0 }, async () => {
  await using programs = await preparePrograms('retrying-hub.ts')
  const atStart = await syncsOfStart(programs)
  for (const nth of PLANTED_AT) {
    const { broken } = await runOnFailingDisk(programs, atStart + nth)
    expect(broken).toContainEqual(expect.stringContaining('the hub went on'))
  }
})

test.skipIf(!isTraceable)(
  `no call is answered with success after an error at any sync of a start and ${failingSyncs} more, and nothing acknowledged is lost`,
  { timeout: 0 },
  async () => {
    await using programs = await preparePrograms()
    const runs = new Map<number, FailingRun>()
    const syncs = (await syncsOfStart(programs)) + failingSyncs
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

/** Of the thread that syncs the store: errors are counted per thread. */
async function syncsOfStart(programs: Programs): Promise<number> {
  await using home = await tempHome(programs)
  const hub = startTraced(programs, home)
  await home.answering()
  const syncs = hub.syncs()
  const threadOf = (line: string) => line.split(' ')[0]
  const ofStore = syncs.find(line => line.includes(home.paths.storeFile))!
  return syncs.filter(line => threadOf(line) === threadOf(ofStore)).length
}
