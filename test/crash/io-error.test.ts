/**
 * An error of the disk on commit is never answered with success. What a failed sync leaves in the page cache nobody
 * can know, and the next sync may succeed without it: so the hub that saw one ends, and a fresh one reads the disk.
 *
 * `SYNCS`: each of the first so many syncs of a hub's life fails once (20 unless told).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { canTrace, startOnFailingDisk } from './failing-disk.ts'
import { integrityOf } from './integrity.ts'
import { type Audit, audit, type Entry, textOf } from './ledger.ts'
import { readLog } from './log.ts'
import { type Programs, preparePrograms } from './programs.ts'
import { tempHome } from './temp-home.ts'

const syncs = Number(process.env.SYNCS ?? 20)
const RUN_MS = 15_000
const CALLERS = 3
/** More than syncs are counted, though calls at once share one. */
const MAX_CALLS = 60

const isTraceable = canTrace()
if (!isTraceable)
  console.log('io-error: skipped, because strace is missing here or may not trace (apt-get install strace)')

test.skipIf(!isTraceable)(
  'the audit catches a hub that is deaf to errors of the disk',
  { timeout: 4 * RUN_MS },
  async () => {
    await using programs = await preparePrograms('deaf-hub.ts')
    const found = [await failedRun(programs, 16), await failedRun(programs, 20)]
    expect(found.map(run => run.lateAnswers + run.audit.lost.length).reduce((a, b) => a + b)).toBeGreaterThan(0)
  },
)

test.skipIf(!isTraceable)(
  `no call is answered with success after an error at any of ${syncs} syncs, and nothing acknowledged is lost`,
  { timeout: syncs * RUN_MS },
  async () => {
    await using programs = await preparePrograms()
    const runs: Run[] = []
    for (let nth = 1; nth <= syncs; nth++) runs.push(await failedRun(programs, nth))
    const started = runs.filter(run => run.audit.acknowledged > 0)
    const acknowledged = runs.reduce((sum, run) => sum + run.audit.acknowledged, 0)
    console.log(
      `io-error: ${runs.length} errors, ${started.length} of them after the start, ${acknowledged} calls acknowledged`,
    )
    for (const [n, run] of runs.entries()) {
      const { lost, duplicateIds, repeated } = run.audit
      const clean = { failures: 1, lateAnswers: 0, lost: [], duplicateIds: [], repeated: [], integrity: 'ok' }
      const { failures, lateAnswers, integrity } = run
      expect({ failures, lateAnswers, lost, duplicateIds, repeated, integrity }, `sync ${n + 1}`).toEqual(clean)
      expect(run.exitCode, `exit code after sync ${n + 1} failed`).not.toBe(0)
    }
    expect(started.length).toBeGreaterThan(0)
  },
)

interface Run {
  readonly audit: Audit
  readonly failures: number
  /** Calls that began after one had failed, and were answered with success all the same. */
  readonly lateAnswers: number
  readonly exitCode: number | undefined
  readonly integrity: string
}

async function failedRun(programs: Programs, nth: number): Promise<Run> {
  await using home = await tempHome(programs)
  const hub = startOnFailingDisk(programs, home, nth)
  const isUp = await Promise.race([hub.ended.then(() => false), home.answering().then(() => true)])
  const client = home.connect({ startHub: false, deadlineMs: 0 })
  const ledger: Entry[] = []
  const unanswered: string[] = []
  let lateAnswers = 0
  let hasFailed = !isUp

  async function call(publisher: string, n: number): Promise<void> {
    const isLate = hasFailed
    const text = textOf({ publisher, n })
    try {
      const { event_id: id } = await client.call('publish', { text, to: 'topic:ledger' }, { key: text })
      ledger.push({ publisher, n, id })
      if (isLate) lateAnswers++
    } catch {
      hasFailed = true
      unanswered.push(text)
    }
  }
  const caller = async (publisher: string) => {
    // A few more after the first failure: none of them may succeed.
    for (let n = 0, after = 0; n < MAX_CALLS && after < 3; n++) {
      if (hasFailed) after++
      await call(publisher, n)
    }
  }
  await Promise.all(Array.from({ length: isUp ? CALLERS : 0 }, (_, n) => caller(`caller-${n}`)))
  const exitCode = await Promise.race([hub.ended, sleep(RUN_MS / 3).then(() => undefined)])
  if (exitCode === undefined) await home.kill()

  const again = home.connect()
  for (const text of unanswered) await again.call('publish', { text, to: 'topic:ledger' }, { key: text })
  const log = await readLog(again, 'topic:ledger')
  await home.kill()
  const integrity = await integrityOf(home.paths.storeFile)
  return { audit: audit(ledger, log), failures: hub.failures(), lateAnswers, exitCode, integrity }
}
