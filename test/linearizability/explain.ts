import { check, type Model, type Operation } from './checker.ts'

/** How many calls before the end of a violation are worth reading. */
const SHOWN = 25

/**
 * A violation in words. Whatever begins a history that can be explained can be explained too, so the shortest
 * beginning that cannot be shows where it went wrong: it ends with the answer that nothing explains.
 */
export function explain<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): string {
  const shortest = shortestViolation(model, history)
  const answered = shortest.filter(each => each.output !== undefined)
  const culprit = answered.reduce((a, b) => (b.returnedAt > a.returnedAt ? b : a))
  const lines = shortest
    .toSorted((a, b) => a.calledAt - b.calledAt)
    .slice(-SHOWN)
    .map(each => `${each === culprit ? '✗' : ' '} ${line(model, each)}`)
  return [
    `key ${culprit.key}: ${shortest.length} of ${history.length} calls cannot be put in any order`,
    ...lines,
  ].join('\n')
}

function shortestViolation<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): readonly Operation<Input, Output>[] {
  const ends = history
    .filter(each => each.output !== undefined)
    .map(each => each.returnedAt)
    .sort((a, b) => a - b)
  let [good, bad] = [-1, ends.length - 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const isBad = check(model, until(history, ends[middle]!)).some(each => each.verdict === 'violation')
    if (isBad) bad = middle
    else good = middle
  }
  return until(history, ends[bad]!)
}

/** What an observer knew at that moment: calls not yet answered have no outcome yet. */
function until<Input, Output>(
  history: readonly Operation<Input, Output>[],
  moment: number,
): Operation<Input, Output>[] {
  return history
    .filter(each => each.calledAt <= moment)
    .map(each => (each.returnedAt <= moment ? each : { ...each, output: undefined }))
}

function line<State, Input, Output>(model: Model<State, Input, Output>, operation: Operation<Input, Output>): string {
  const { client, input, output, calledAt, returnedAt } = operation
  const span = `${calledAt}…${output === undefined ? '' : returnedAt}`.padEnd(14)
  const words = model.describe?.(operation) ?? `${JSON.stringify(input)} → ${JSON.stringify(output) ?? 'no answer'}`
  return `${span} ${client.padEnd(8)} ${words}`
}
