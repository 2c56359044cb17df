import { median } from './numbers.mjs'

const COMPARISONS = { '≤': (a, b) => a <= b, '≥': (a, b) => a >= b, '<': (a, b) => a < b }

/**
 * One number of the table. `values`, `floors`: one per round. The ratio is the median of the rounds' own ratios, so a
 * round that ran on a slower machine counts as what it was. `target` is `[what, comparison, limit]`, where `what` is
 * `ratio` or `value`; numbers are measured here, not asserted, so a missed target is only shown.
 */
export function row({ name, unit, values, floors, floor, target }) {
  const value = median(values)
  const ratio = floors && median(values.map((each, i) => each / floors[i]))
  const [what, comparison, limit] = target ?? []
  return {
    name,
    unit,
    value,
    ...(floors ? { floor: { what: floor, value: median(floors) }, ratio } : {}),
    ...(target
      ? {
          target:
            `${what === 'ratio' ? 'ratio ' : ''}${comparison} ${limit}${what === 'ratio' ? '' : ` ${unit}`}`.trim(),
          isMet: COMPARISONS[comparison](what === 'ratio' ? ratio : value, limit),
        }
      : {}),
  }
}
