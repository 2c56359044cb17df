import { open } from 'node:fs/promises'

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
export async function faultSince(logFile: string, size: number): Promise<string | undefined> {
  const text = await readFrom(logFile, size).catch(() => '')
  return text
    .split('\n')
    .map(faultOf)
    .findLast(fault => fault !== undefined)
}

async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, position)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
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
