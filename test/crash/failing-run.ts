import { until } from '../until.ts'
import { type FailingHub, startOnFailingDisk } from './failing-disk.ts'
import { integrityOf } from './integrity.ts'
import { audit, type Entry, textOf } from './ledger.ts'
import { readLog } from './log.ts'
import type { Programs } from './programs.ts'
import { tempHome } from './temp-home.ts'

const CALLERS = 3
/** Of each caller: more than syncs are counted, though calls at once share one. */
const MAX_CALLS = 60
/** Each caller goes on for so long after a call has failed; none of these may succeed. */
const CALLS_AFTER = 3

export interface FailingRun {
  /** Whether the hub was up when a file of its failed. */
  readonly isUp: boolean
  readonly acknowledged: number
  /** Promises that were broken, in words. */
  readonly broken: string[]
}

/** Lets three callers publish to a hub whose `nth` sync fails, then holds what a fresh hub finds against the answers. */
export async function runOnFailingDisk(programs: Programs, nth: number): Promise<FailingRun> {
  await using home = await tempHome(programs)
  const hub = startOnFailingDisk(programs, home, nth)
  const isUp = await Promise.race([hub.ended.then(() => false), home.answering().then(() => true)])
  const client = home.connect({ startHub: false, deadlineMs: 0 })
  const ledger: Entry[] = []
  const failed: string[] = []
  let lateAnswers = 0

  async function call(publisher: string, n: number): Promise<void> {
    const isLate = failed.length > 0
    const text = textOf({ publisher, n })
    try {
      const { event_id: id } = await client.call('publish', { text, to: 'topic:ledger' }, { key: text })
      ledger.push({ publisher, n, id })
      if (isLate) lateAnswers++
    } catch {
      failed.push(text)
    }
  }

  async function callOn(publisher: string): Promise<void> {
    for (let n = 0, after = 0; n < MAX_CALLS && after < CALLS_AFTER; n++) {
      if (failed.length > 0) after++
      await call(publisher, n)
    }
  }

  if (isUp) await Promise.all(Array.from({ length: CALLERS }, (_, n) => callOn(`caller-${n}`)))
  const exitCode = await endOf(hub, () => client.call('publish', { text: 'does it go on?' }))
  if (exitCode === undefined) await home.kill()

  const fresh = home.connect()
  // Calls without an answer are repeated with the same key: each text is published once in all.
  for (const text of failed) await fresh.call('publish', { text, to: 'topic:ledger' }, { key: text })
  const { lost, duplicateIds, repeated } = audit(ledger, await readLog(fresh, 'topic:ledger'))
  await home.kill()
  const integrity = await integrityOf(home.paths.storeFile)
  const failures = hub.failures()
  // SQLite passes over a folder that cannot be synced (`unixSync` in its os_unix.c), so nobody gets to know of it. What
  // else a hub writes, such as where it can be reached, promises nothing to anybody.
  const isNoticeable = failures.some(({ isOfStore }) => isOfStore)
  const unsynced = failures.map(({ path }) => path).join(' and ')
  const findings: [boolean, string][] = [
    // Counted per thread, so a second thread may meet its own: the hub has to stand that as well.
    [failures.length === 0, 'the disk never failed'],
    [isNoticeable && exitCode === undefined, `the hub went on without ${unsynced}`],
    [isNoticeable && exitCode === 0, 'the hub ended as if all were well'],
    [isNoticeable && isUp && failed.length === 0, 'no call failed'],
    [lateAnswers > 0, `${lateAnswers} calls succeeded after one had failed`],
    [lost.length > 0, `lost ${JSON.stringify(lost)}`],
    [duplicateIds.length > 0, `duplicate ids ${duplicateIds}`],
    [repeated.length > 0, `repeated ${repeated}`],
    [integrity !== 'ok', integrity],
  ]
  return {
    isUp: isUp && isNoticeable,
    acknowledged: ledger.length,
    broken: findings.filter(([is]) => is).map(([, what]) => what),
  }
}

/** The exit code of a hub that has ended by itself; undefined of one that goes on, as a write shows. */
async function endOf(hub: FailingHub, write: () => Promise<unknown>): Promise<number | undefined> {
  let end: { exitCode: number } | undefined
  void hub.ended.then(exitCode => {
    end = { exitCode }
  })
  const goesOn = () =>
    write().then(
      () => true,
      () => false,
    )
  await until(async () => end ?? (await goesOn()), { what: 'the hub to end or to go on' })
  return end?.exitCode
}
