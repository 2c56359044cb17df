import { type Logger as PinoLogger, pino } from 'pino'
import { BusError } from '../bus/errors.ts'
import { writeStderrLine } from '../home/stderr-line.ts'

/** What the hub says about itself: ids, counts and sizes; never a text or a secret. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** To stderr, which a hub in the background has as its log file. Pino's own way there throws where a disk is full. */
export function createLog(wished = 'info'): Logger {
  const level = wished === 'silent' || wished in pino.levels.values ? wished : 'info'
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: writeStderrLine })
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
