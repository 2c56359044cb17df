import type { Operation } from './checker.ts'

/** Writes down who called what when, and who was answered what when. Clients live in one process, so order is a count. */
export interface Recorder<Input, Output> {
  readonly history: readonly Operation<Input, Output>[]
  /** Resolves with the answer, or undefined where none came. */
  call(
    client: string,
    key: string,
    input: Input,
    send: () => Promise<Output>,
    changes: boolean,
  ): Promise<Output | undefined>
}

/** A hub's clock is drawn to the date that its clients see, and both give whole milliseconds. */
const APART_MS = 2

/** `nowMs`: the clock that the store goes by; the date, where that is a hub's. */
export function createRecorder<Input, Output>(nowMs?: () => number): Recorder<Input, Output> {
  const apartMs = nowMs === undefined ? APART_MS : 0
  const now = nowMs ?? Date.now
  const history: Operation<Input, Output>[] = []
  let moments = 0
  return {
    history,
    async call(client, key, input, send, changes) {
      const called = { client, key, input, calledAt: moments++, calledMs: now() - apartMs }
      try {
        const output = await send()
        history.push({ ...called, output, returnedAt: moments++, returnedMs: now() + apartMs })
        return output
      } catch {
        const never = Number.POSITIVE_INFINITY
        // A read that failed says nothing about anything.
        if (changes) history.push({ ...called, output: undefined, returnedAt: never, returnedMs: never })
        return undefined
      }
    },
  }
}
