import type { Store } from '../bus/store.ts'
import type { Config } from '../home/config.ts'
import { expireMail } from '../operations/notices.ts'
import { sweep } from './departures.ts'
import type { Logger } from './log.ts'
import type { Presence } from './presence.ts'
import { retain } from './retention.ts'

/** Signs of life are written so often: a kill of the hub forgets no more of them than this. */
const FLUSH_MS = 10_000
/** A hub whose socket was deleted can be reached by nobody and would hold its lock for ever. */
const HOME_MS = 10_000
const CLOCK_MS = 10_000
const SWEEP_MS = 60_000
/** Expired mail may still be shown for so long; nobody sets a term that this matters to. */
const EXPIRE_MS = 5_000
const RETAIN_MS = 3600_000

/** What happens by itself, until the signal ends it. */
export function startClocks(options: {
  store: Store
  presence: Presence
  retention: Config['retention']
  log: Logger
  signal: AbortSignal
  /** Rejects once the home is gone from under the hub. */
  checkHome: () => Promise<void>
  /** Writes into the log what has become of the machine's clock. */
  checkClock: () => Promise<void>
  onFault: (error: unknown) => void
}): void {
  const { store, presence, retention, log, signal, checkHome, checkClock, onFault } = options
  every(FLUSH_MS, signal, onFault, () => presence.flush())
  every(HOME_MS, signal, onFault, checkHome)
  every(CLOCK_MS, signal, onFault, checkClock)
  every(SWEEP_MS, signal, onFault, async () => {
    // After a machine's sleep both are due at once: who is attached is there, whatever its last written sign says.
    await presence.flush()
    const ended = await sweep(store)
    if (ended > 0) log.info({ ended }, 'ended silent sessions')
  })
  every(EXPIRE_MS, signal, onFault, async () => {
    const next = await store.nextExpiry()
    if (next === undefined || next > (await store.now())) return
    const expired = await expireMail(store)
    log.info({ expired }, 'ended expired mail')
  })
  every(RETAIN_MS, signal, onFault, async () => {
    const events = await retain(store, retention)
    if (events > 0) log.info({ events }, 'forgot old events')
  })
}

/** A round that is still running is not overtaken. */
function every(ms: number, signal: AbortSignal, onFault: (error: unknown) => void, round: () => Promise<void>): void {
  let isRunning = false
  // Unref'ed: a clock alone is no reason to stay alive.
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    round()
      .catch(onFault)
      .finally(() => {
        isRunning = false
      })
  }, ms).unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
