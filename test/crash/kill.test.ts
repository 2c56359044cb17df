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
import { killWhileWorking } from './killer.ts'
import { type Audit, audit } from './ledger.ts'
import { readLog } from './log.ts'
import { preparePrograms } from './programs.ts'
import { startPublishers } from './publishers.ts'
import { tempHome } from './temp-home.ts'

const PUBLISHERS = 8
const { kills } = tier
/** Between two kills, of all publishers together. */
const MAX_MESSAGES = 300

test('the audit catches a hub that answers before it commits', { timeout: 0 }, async () => {
  const { audit } = await killedRun({ kills: 4, plantedBug: 'early-answer-hub.ts' })
  expect(audit.lost.length).toBeGreaterThan(0)
})

test(`nothing acknowledged is lost, doubled or reordered by ${kills} kills`, {
  timeout: 0,
}, async () => {
  const { audit, integrity } = await killedRun({ kills })
  const { acknowledged, lost, duplicateIds, repeated, outOfOrder } = audit
  console.log(
    `kill: ${kills} kills, ${acknowledged} acknowledged, ${lost.length} lost, ${duplicateIds.length} duplicate ids, ` +
      `${repeated.length} repeated, ${outOfOrder.length} out of order`,
  )
  expect({ lost, duplicateIds, repeated, outOfOrder }).toEqual({
    lost: [],
    duplicateIds: [],
    repeated: [],
    outOfOrder: [],
  })
  expect(acknowledged).toBeGreaterThan(kills * PUBLISHERS)
  expect(integrity).toBe('ok')
})

async function killedRun(run: { kills: number; plantedBug?: string }): Promise<{
  audit: Audit
  integrity: string
}> {
  await using programs = await preparePrograms(run.plantedBug)
  await using home = await tempHome(programs)
  await using publishers = await startPublishers(programs.publisher, PUBLISHERS, home.env)
  const random = randomFrom(seed)
  const next = () => PUBLISHERS + random.below(MAX_MESSAGES)
  const killer = killWhileWorking(home, { done: publishers.acknowledged, next, kills: run.kills })
  await Promise.race([killer.finished, publishers.failure])
  const ledger = await publishers.stop()
  const log = await readLog(home.connect({ startHub: false }), 'topic:ledger')
  await home.kill()
  return { audit: audit(ledger, log), integrity: await integrityOf(home.paths.storeFile) }
}
