/** Stands between two ids where the store may do other work: what was looked at since the last one is bounded. */
export const PAUSE = Symbol('pause')

export type Ids = Generator<number | typeof PAUSE, void>

/** Rows that are looked at between two pauses: about 2 ms. */
const MAX_ROWS = 512

/** The next so many rows beyond the last id: those of them that pass, and the last of all, undefined at the end. */
export type ReadSlice = (
  last: number | undefined,
  limit: number,
) => { passing: readonly number[]; last: number | undefined }

/** Reads runs of ids in slices that grow, because a page needs few rows and a sharp filter many. */
export function createSlices(): (first: number, read: ReadSlice) => Ids {
  let rows = 0
  return function* (first, read) {
    let last: number | undefined
    for (let limit = Math.min(first, MAX_ROWS); ; limit = Math.min(limit * 2, MAX_ROWS)) {
      const slice = read(last, limit)
      yield* slice.passing
      last = slice.last
      if (last === undefined) return
      rows += limit
      if (rows < MAX_ROWS) continue
      rows = 0
      yield PAUSE
    }
  }
}

/** Several runs as one, in order and each id once: a sort in SQL would have to read all of them before it could cut. */
export function* merged(runs: readonly Ids[], order: 'asc' | 'desc'): Generator<number | typeof PAUSE, void> {
  const heads: (number | undefined)[] = []
  for (const run of runs) heads.push(yield* nextOf(run))
  for (;;) {
    let first: number | undefined
    for (const head of heads) {
      if (head === undefined) continue
      if (first === undefined || (order === 'asc' ? head < first : head > first)) first = head
    }
    if (first === undefined) return
    yield first
    for (const [i, run] of runs.entries()) if (heads[i] === first) heads[i] = yield* nextOf(run)
  }
}

function* nextOf(run: Ids): Generator<typeof PAUSE, number | undefined> {
  for (let each = run.next(); !each.done; each = run.next()) {
    if (each.value !== PAUSE) return each.value
    yield PAUSE
  }
  return undefined
}
