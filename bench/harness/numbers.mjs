/** The value below which `share` (0 to 1) of the numbers lie; the nearest one that was really measured. */
export function percentile(numbers, share) {
  if (numbers.length === 0) throw new Error('expected at least one number')
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

export function median(numbers) {
  const sorted = Float64Array.from(numbers).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Milliseconds that something took. */
export async function timed(work) {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/**
 * Runs each of the works `times` times in short alternating turns and gives the p50 of each, in milliseconds. What the
 * machine does beside (a neighbour, a slower clock) then meets all of them alike, so their ratio keeps its meaning.
 * Every other turn goes backwards, so that none is always the one that follows a certain other. `prepare` holds what is
 * done before each call of a work, unmeasured.
 */
export async function interleavedP50({ works, prepare = {}, times, perTurn = 25 }) {
  const names = Object.keys(works)
  const taken = Object.fromEntries(names.map(name => [name, []]))
  for (let turn = 0; taken[names[0]].length < times; turn++) {
    for (const name of turn % 2 === 0 ? names : names.toReversed()) {
      const count = Math.min(perTurn, times - taken[name].length)
      for (let i = 0; i < count; i++) {
        await prepare[name]?.()
        taken[name].push(await timed(works[name]))
      }
    }
  }
  return Object.fromEntries(names.map(name => [name, percentile(taken[name], 0.5)]))
}
