import type { Report } from './random-run.ts'

/** What a run counted, in one line, and the stories of its faults. */
export function print({ stories, ...report }: Report): void {
  const counts = Object.entries(report).map(([name, value]) => [name, Array.isArray(value) ? value.length : value])
  console.log(JSON.stringify(Object.fromEntries(counts)))
  if (stories.length > 0) console.log(stories.join('\n'))
}
