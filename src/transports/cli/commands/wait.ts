import { BusError } from '../../../bus/errors.ts'
import { LIMITS } from '../../../bus/limits.ts'
import { say } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import { actor } from '../identity.ts'
import { optionalWholeNumber } from '../parse/numbers.ts'
import { humanText } from '../render/index.ts'

/** Blocks until there is mail and prints it. Without `--timeout` it waits for ever. */
export async function wait(invocation: Invocation): Promise<number> {
  const { io, global, options } = invocation
  const limit = optionalWholeNumber(options.limit, '--limit', 1, 200)
  const deadline = performance.now() + (global.timeoutMs ?? Number.POSITIVE_INFINITY)
  const { client } = await actor(invocation)
  try {
    for (;;) {
      const leftMs = Math.max(0, deadline - performance.now())
      const found = await client.call(
        'inbox',
        {
          wait_seconds: Math.min(LIMITS.waitSeconds, leftMs / 1000),
          ...(limit === undefined ? {} : { limit }),
          ...(options.peek === true ? { peek: true } : {}),
        },
        { signal: io.signal },
      )
      if (found.messages.length > 0) {
        if (global.isJson) io.out.json(found)
        else io.out.line(await humanText('inbox', found, io.out.look))
        return 0
      }
      if (performance.now() >= deadline) {
        throw new BusError('timed_out', say`expected mail within ${(global.timeoutMs ?? 0) / 1000} s, got none`)
      }
    }
  } finally {
    await client.close()
  }
}
