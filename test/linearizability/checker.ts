/**
 * Whether a history of concurrent calls can be explained by calls that took effect one after the other, each at one
 * moment between its invocation and its response (Herlihy and Wing's linearizability).
 *
 * The search is that of Wing and Gong with the memo of Lowe ("Testing for linearizability", 2017): walk the calls in
 * the order of their invocation, let one take effect, go on with the rest; when a response comes up whose call has not
 * taken effect yet, go back. A set of calls that led to the same state before need not be tried again.
 *
 * A call without a response may have taken effect at any time after its invocation, or never: it has no deadline, and
 * the search is done when all calls that were answered have taken effect.
 */
export interface Model<State, Input, Output> {
  init(): State
  /**
   * What the call makes of the state, or `ok: false` where it cannot have answered so. `output` is undefined when no
   * answer came: then the call takes effect if it can. States are values: never changed in place.
   */
  step(state: State, operation: Operation<Input, Output>): { readonly ok: boolean; readonly state: State }
  /** The same text exactly for the same state. */
  digest(state: State): string
  describe?(operation: Operation<Input, Output>): string
}

export interface Operation<Input, Output> {
  readonly client: string
  /** Histories of different keys are independent, and judged apart. */
  readonly key: string
  readonly input: Input
  /** Undefined: no answer came, so nobody knows whether it took effect. */
  readonly output: Output | undefined
  /** Position of the invocation and of the response in the recorder's order; no two are equal. */
  readonly calledAt: number
  readonly returnedAt: number
  /** Milliseconds of the wall clock, for models in which something expires. */
  readonly calledMs: number
  readonly returnedMs: number
}

export type Verdict = 'ok' | 'violation' | 'unknown'

export interface Judgement {
  readonly verdict: Verdict
  readonly key: string
  readonly operations: number
  readonly steps: number
}

/** Enough for every healthy history of 8 clients × 100 calls by far; reached only by many unknown outcomes. */
const DEFAULT_STEP_LIMIT = 2_000_000

/** One judgement per key, in the order in which keys first appear. */
export function check<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  stepLimit = DEFAULT_STEP_LIMIT,
): Judgement[] {
  const byKey = new Map<string, Operation<Input, Output>[]>()
  for (const operation of history) {
    const sameKey = byKey.get(operation.key)
    if (sameKey) sameKey.push(operation)
    else byKey.set(operation.key, [operation])
  }
  return [...byKey].map(([key, operations]) => ({ key, ...checkKey(model, operations, stepLimit) }))
}

interface Entry<Input, Output> {
  readonly operation: Operation<Input, Output>
  readonly index: number
  /** The entry of the call's response; absent on responses, and on calls that got none. */
  readonly response: Entry<Input, Output> | undefined
  readonly isResponse: boolean
  before: Entry<Input, Output> | undefined
  after: Entry<Input, Output> | undefined
}

function checkKey<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  stepLimit: number,
): Omit<Judgement, 'key'> {
  const head = chained(operations)
  const done = new Uint32Array(Math.ceil(operations.length / 32))
  const seen = new Set<string>()
  const path: { entry: Entry<Input, Output>; state: State }[] = []
  let open = operations.filter(hasResponse).length
  let state = model.init()
  let steps = 0
  const verdict = (verdict: Verdict) => ({ verdict, operations: operations.length, steps })

  let entry = head.after
  while (open > 0) {
    if (++steps > stepLimit) return verdict('unknown')
    if (entry && !entry.isResponse) {
      const next = model.step(state, entry.operation)
      if (next.ok) {
        flip(done, entry.index)
        const memo = `${String.fromCharCode(...halves(done))}${model.digest(next.state)}`
        if (!seen.has(memo)) {
          seen.add(memo)
          path.push({ entry, state })
          state = next.state
          lift(entry)
          if (entry.response) open--
          entry = head.after
          continue
        }
        flip(done, entry.index)
      }
      entry = entry.after
      continue
    }
    // A response whose call has not taken effect, or nothing left to try: the last step taken was wrong.
    const last = path.pop()
    if (!last) return verdict('violation')
    state = last.state
    flip(done, last.entry.index)
    unlift(last.entry)
    if (last.entry.response) open++
    entry = last.entry.after
  }
  return verdict('ok')
}

function hasResponse(operation: Operation<unknown, unknown>): boolean {
  return operation.output !== undefined
}

/** Invocations and responses as one chain in the order of time, behind a head without a meaning. */
function chained<Input, Output>(operations: readonly Operation<Input, Output>[]): Entry<Input, Output> {
  const entries = operations.flatMap((operation, index) => {
    const blank = { operation, index, before: undefined, after: undefined }
    const response = hasResponse(operation) ? { ...blank, response: undefined, isResponse: true } : undefined
    const call: Entry<Input, Output> = { ...blank, response, isResponse: false }
    return response ? [call, response] : [call]
  })
  entries.sort((a, b) => timeOf(a) - timeOf(b))
  const head = { before: undefined, after: undefined } as unknown as Entry<Input, Output>
  let last = head
  for (const entry of entries) {
    entry.before = last
    last.after = entry
    last = entry
  }
  return head
}

function timeOf({ operation, isResponse }: Entry<unknown, unknown>): number {
  return isResponse ? operation.returnedAt : operation.calledAt
}

function lift(call: Entry<unknown, unknown>): void {
  unlink(call)
  if (call.response) unlink(call.response)
}

/** Undoes the `lift` that came last: each entry still knows its neighbours of then. */
function unlift(call: Entry<unknown, unknown>): void {
  if (call.response) relink(call.response)
  relink(call)
}

function unlink({ before, after }: Entry<unknown, unknown>): void {
  before!.after = after
  if (after) after.before = before
}

function relink(entry: Entry<unknown, unknown>): void {
  entry.before!.after = entry
  if (entry.after) entry.after.before = entry
}

function flip(bits: Uint32Array, index: number): void {
  bits[index >>> 5]! ^= 1 << (index & 31)
}

function halves(bits: Uint32Array): Uint16Array {
  return new Uint16Array(bits.buffer)
}
