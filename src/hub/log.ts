import { type Logger as PinoLogger, pino } from 'pino'
import { BusError } from '../bus/errors.ts'

/** What the hub says about itself: ids, counts and sizes; never a text or a secret. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** To stderr, which a hub in the background has as its log file. Synchronous: the last line before an end counts. */
export function createLog(level = 'info'): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}

export const silentLog: Logger = pino({ level: 'silent' })

/** An error as the log shows it. Messages of our own name fields and ids; foreign ones may quote anything. */
export function faultOf(error: unknown): Record<string, unknown> {
  const { name, code, stack } = (error ?? {}) as { name?: string; code?: string; stack?: string }
  const at = stack?.split('\n').map(line => line.trim())
  return {
    name,
    code,
    ...(error instanceof BusError ? { message: error.message } : {}),
    at: at?.filter(line => line.startsWith('at ')).slice(0, 5),
  }
}
