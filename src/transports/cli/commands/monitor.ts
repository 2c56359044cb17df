import { retold } from '../../../bus/say.ts'
import { bellRings } from '../bell.ts'
import type { Invocation } from '../command.ts'

/** The session process may come up after the monitor. */
const PATIENCE_MS = 60_000

/** For a client's plugin monitor: prints one line whenever the session beside it has mail that may wake it. */
export async function monitor({ io }: Invocation): Promise<number> {
  for await (const line of bellRings('monitor', PATIENCE_MS, io)) io.out.line(retold(line))
  return 0
}
