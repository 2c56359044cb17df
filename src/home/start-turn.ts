import { closeSync, openSync, rmSync, statSync } from 'node:fs'

/** A hub is up within half a second, and within some on a machine that is busy with other things. */
const TURN_MS = 3_000

/**
 * When many programs miss the hub at one moment, one starts it and the others wait. Without this each program would start
 * a process, and all but one of them would lose the hub's lock. The lock decides, so a file that was left behind or cannot
 * be made costs time and nothing else.
 */
export function createStartTurn(file: string) {
  let isOurs = false
  let seen: { turn: string; at: number } | undefined

  function isTaken(): boolean {
    const made = statSync(file, { throwIfNoEntry: false })
    if (made === undefined) return false
    const turn = `${made.ino} ${made.mtimeMs}`
    if (seen?.turn !== turn) seen = { turn, at: performance.now() }
    return performance.now() - seen.at < TURN_MS
  }

  return {
    /** Whether this program is the one to start the hub. */
    take(): boolean {
      if (isOurs) return true
      try {
        if (isTaken()) return false
        rmSync(file, { force: true })
        closeSync(openSync(file, 'wx', 0o600))
        isOurs = true
        return true
      } catch (error) {
        return (error as NodeJS.ErrnoException).code !== 'EEXIST'
      }
    },
    /** What it started has ended, or a hub is there. */
    end(): void {
      if (!isOurs) return
      isOurs = false
      endStartTurn(file)
    },
  }
}

/** Also where the program that started the hub has ended before. */
export function endStartTurn(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Left, it costs the next start some time.
  }
}
