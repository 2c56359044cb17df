import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { constants } from 'node:os'

/** More than a page and what SQLite puts before it in its log. */
const PROBE_BYTES = 16 * 1024
/** By number: Node has no name for EDQUOT. */
const NO_ROOM = new Set([constants.errno.ENOSPC, constants.errno.EDQUOT])

/** Whether the disk, and the quota of this user on it, takes another few pages beside the file. */
export function hasRoomBeside(path: string): boolean {
  const probe = `${path}.probe`
  try {
    const fd = openSync(probe, 'w', 0o600)
    try {
      writeSync(fd, Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, 0)
    } finally {
      closeSync(fd)
      rmSync(probe, { force: true })
    }
    return true
  } catch (error) {
    return !NO_ROOM.has(-((error as NodeJS.ErrnoException).errno ?? 0))
  }
}
