import type { Report } from './random-run.ts'

/** What a run counted, in one line, and the stories of its faults. */
export function print({ hookMs, pingMs, slow, stories, ...report }: Report): void {
  const share = { hooks: spread(hookMs), pings: spread(pingMs), slowHooks: slow.length }
  const faults = Object.fromEntries(
    Object.entries(report).map(([name, value]) => [name, Array.isArray(value) ? value.length : value]),
  )
  console.log(JSON.stringify({ ...faults, ...share }), slow.slice(0, 10))
  if (stories.length > 0) console.log(stories.join('\n'))
}

function spread(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1))
  return { n: sorted.length, p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), max: at(1) }
}
