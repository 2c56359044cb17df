/**
 * What was acknowledged is never lost and ids are never reused: eight processes publish while their hub is killed with
 * SIGKILL at random moments. They start it again themselves, and keep their ledgers outside of its home.
 *
 * A seed repeats the moments of the kills.
 */
import { expect, test } from 'vitest'
import { randomFrom } from '../linearizability/random.ts'
import { seed, tier } from '../tier.ts'
import { integrityOf } from './integrity.ts'
import { killAtRandom } from './killer.ts'
import { type Audit, audit } from './ledger.ts'
import { readLog } from './log.ts'
import { percentile } from './percentile.ts'
import { preparePrograms } from './programs.ts'
import { startPublishers } from './publishers.ts'
import { tempHome } from './temp-home.ts'

const PUBLISHERS = 8
const { kills } = tier
/** Of few restarts the slowest is the 99th percentile, and tells of the machine: there the promise is looked at by the 90th. */
const isLong = kills >= 500
/** Of a kill, the hub's restart and a while of work. */
const ROUND_MS = 3_000

test('the audit catches a hub that answers before it commits', { timeout: 60_000 }, async () => {
  const { audit } = await killedRun({ kills: 6, plantedBug: 'early-answer-hub.ts' })
  expect(audit.lost.length).toBeGreaterThan(0)
})

test(`nothing acknowledged is lost, doubled or reordered by ${kills} kills`, {
  timeout: 30_000 + kills * ROUND_MS,
}, async () => {
  const { audit, restartMs, integrity } = await killedRun({ kills })
  const [p50, p99] = [percentile(restartMs, 0.5), percentile(restartMs, 0.99)]
  const { acknowledged, lost, duplicateIds, repeated, outOfOrder } = audit
  console.log(
    `kill: ${restartMs.length} kills, ${acknowledged} acknowledged, ${lost.length} lost, ${duplicateIds.length} duplicate ids, ` +
      `${repeated.length} repeated, ${outOfOrder.length} out of order; restart p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
  )
  expect({ lost, duplicateIds, repeated, outOfOrder }).toEqual({
    lost: [],
    duplicateIds: [],
    repeated: [],
    outOfOrder: [],
  })
  expect(acknowledged).toBeGreaterThan(kills * PUBLISHERS)
  expect(integrity).toBe('ok')
  expect(percentile(restartMs, isLong ? 0.99 : 0.9)).toBeLessThanOrEqual(2_000)
})

async function killedRun(run: { kills: number; plantedBug?: string }): Promise<{
  audit: Audit
  restartMs: readonly number[]
  integrity: string
}> {
  await using programs = await preparePrograms(run.plantedBug)
  await using home = await tempHome(programs)
  await using publishers = await startPublishers(programs.publisher, PUBLISHERS, home.env)
  const killer = killAtRandom(home, randomFrom(seed), { minMs: 50, maxMs: 500, kills: run.kills })
  const { restartMs } = await Promise.race([killer.finished, publishers.failure])
  const ledger = await publishers.stop()
  const log = await readLog(home.connect({ startHub: false }), 'topic:ledger')
  await home.kill()
  return { audit: audit(ledger, log), restartMs, integrity: await integrityOf(home.paths.storeFile) }
}
