import { BusError, ERRORS } from '../../../bus/errors.ts'
import { retold } from '../../../bus/say.ts'
import { wakeRoutesOf } from '../../../bus/wake-routes.ts'
import { bellRings } from '../bell.ts'
import type { Invocation } from '../command.ts'

/** A hook at the start of a session runs before its session process does. */
const PATIENCE_MS = 15_000
/** What a client's `asyncRewake` hook ends with to wake its session; it then reads stderr. */
const EXIT_WAKE = 2

/** For a client's rewake hook: ends with 2 when the session beside it has mail that may wake it, and for no other reason. */
export async function rewake({ io }: Invocation): Promise<number> {
  try {
    if (!wakeRoutesOf(io.env.SWITCHBOARD_DOORBELL).includes('rewake')) return 0
    for await (const line of bellRings('rewake', PATIENCE_MS, io)) {
      io.err.line(retold(line))
      return EXIT_WAKE
    }
  } catch (error) {
    // A refused setting would wake the agent at the end of each turn. The session process tells its person.
    if (!(error instanceof BusError) || ERRORS[error.code].exit !== EXIT_WAKE) throw error
  }
  return 0
}
