import { readFile } from 'node:fs/promises'

/** Log levels of pino: 50 is an error, 60 fatal. */
const ERROR = 50
const MAX_LINES = 50

/** Why a hub that does not come up says it does not: the last error near the end of its log. */
export async function lastFault(logFile: string): Promise<string | undefined> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text
    .trimEnd()
    .split('\n')
    .slice(-MAX_LINES)
    .map(messageOf)
    .findLast(message => message !== undefined)
}

function messageOf(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { level?: number; msg?: string }
    return (level ?? 0) >= ERROR ? msg : undefined
  } catch {
    return undefined
  }
}
