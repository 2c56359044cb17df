import type { Parameters } from 'fast-check'

/** `RUNS` sets the size, `SEED` replays; a failure prints its seed and path, and the seed alone finds it again. */
export function settings(runs: number): Parameters<unknown> {
  const seed = Number(process.env.SEED ?? (Date.now() ^ (Math.random() * 0x7fffffff)) & 0x7fffffff)
  const numRuns = Number(process.env.RUNS ?? runs)
  console.log(`seed ${seed}, ${numRuns} runs (replay with SEED=${seed} RUNS=${numRuns})`)
  return { seed, numRuns }
}
