import { expect } from 'vitest'
import { seed, tier } from '../tier.ts'
import type { Finding } from './judge.ts'
import type { Load } from './workload.ts'

export const CLIENTS = 8
/** One history per key. */
export const KEYS = { stateKeys: 3, claimKeys: 2, callsPerKey: 50 } satisfies Partial<Load>
const HISTORIES_PER_ROUND = KEYS.stateKeys + KEYS.claimKeys

/**
 * A quarter of the tier's histories for each of: memory, SQLite, a hub, a hub under kills. A seed repeats the calls of a
 * run; when they meet is up to the machine.
 */
export const rounds = Math.ceil(tier.histories / 4 / HISTORIES_PER_ROUND)

export interface Tally {
  /** Fails the test on a violation, or when too much stays undecided. */
  pass(finding: Finding): void
  print(what: string): void
}

export function createTally(): Tally {
  const findings: Finding[] = []
  const sum = (of: (finding: Finding) => number) => findings.reduce((total, each) => total + of(each), 0)
  const undecided = (finding: Finding) => finding.judgements.filter(each => each.verdict === 'unknown').length
  return {
    pass(finding) {
      findings.push(finding)
      expect(finding.violations, `SEED=${seed}`).toEqual([])
      const allowed = (rounds * HISTORIES_PER_ROUND) / 100
      expect(sum(undecided), `histories undecided, SEED=${seed}`).toBeLessThanOrEqual(allowed)
    },
    print(what) {
      const histories = sum(each => each.judgements.length)
      const [calls, unanswered] = [sum(each => each.calls), sum(each => each.unanswered)]
      const counts = `${histories} histories, ${calls} calls, ${unanswered} unanswered, ${sum(undecided)} undecided`
      console.log(`${what}: ${counts}, 0 violations, SEED=${seed}`)
    },
  }
}
