import type { Parameters } from 'fast-check'

/**
 * How much the suites try that try random things. `npm test` runs the quick tier, `npm run test:long` (TIER=long) the long
 * one, for a night. Each file that has a size prints its seed; SEED and TIER together repeat what it tried.
 */
const TIERS = {
  quick: { timesCases: 1, histories: 20, kills: 6, cutCalls: 12, failingSyncs: 4, messages: 100, flips: 12 },
  long: {
    timesCases: 20,
    histories: 1_600,
    kills: 1_000,
    cutCalls: 1_000,
    failingSyncs: 40,
    messages: 2_000,
    flips: 5_000,
  },
} as const

const { TIER = 'quick', SEED } = process.env
if (!(TIER in TIERS)) throw new Error(`expected TIER to be one of ${Object.keys(TIERS).join(', ')}, got "${TIER}"`)

export const isLong = TIER === 'long'
export const tier = TIERS[TIER as keyof typeof TIERS]
export const seed = SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(SEED)
console.log(`SEED=${seed} TIER=${TIER}`)

/** For a property that the quick tier tries so many times. */
export function cases(count: number): Pick<Parameters<unknown>, 'seed' | 'numRuns'> {
  return { seed, numRuns: count * tier.timesCases }
}
