import { readPrivate } from '../home/private-files.ts'

/** Log levels of pino: 50 is an error, 60 fatal. */
const ERROR = 50
/** More than a failed start writes; a log that many hubs share may have grown further meanwhile. */
const MAX_BYTES = 64 * 1024

interface Line {
  readonly level?: number
  readonly code?: string
  readonly name?: string
  readonly msg?: string
}

/** The last fault that a hub wrote into its log from this size on. That another hub holds the lock is none. */
export function faultSince(logFile: string, size: number): string | undefined {
  return newest(logFile, size)
    .split('\n')
    .map(faultOf)
    .findLast(fault => fault !== undefined)
}

function newest(logFile: string, size: number): string {
  try {
    return readPrivate(logFile, { from: size, maxBytes: MAX_BYTES }) ?? ''
  } catch {
    return ''
  }
}

function faultOf(line: string): string | undefined {
  try {
    const { level = 0, code, name, msg } = JSON.parse(line) as Line
    if (level < ERROR || code === 'identity_taken') return undefined
    // Foreign errors are logged without their words, which may quote anything.
    return name === undefined ? msg : `${msg} (${[name, code].filter(Boolean).join(' ')})`
  } catch {
    return undefined
  }
}
