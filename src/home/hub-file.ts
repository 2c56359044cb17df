import { rm } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { HomePaths } from './paths.ts'
import { readPrivate, writePrivate } from './private-files.ts'

/**
 * Where the running hub can be reached. The data folder alone says which home it is: programs of one user differ in
 * XDG_RUNTIME_DIR and TMPDIR, and must find the same hub. It may outlive a hub that was killed: only a handshake proves
 * one.
 */
export interface HubFile {
  readonly pid: number
  readonly version: string
  readonly url: string
  readonly socket: string
  readonly started_at: string
}

export async function announce({ hubFile }: HomePaths, hub: HubFile): Promise<void> {
  await writePrivate(hubFile, `${JSON.stringify(hub, undefined, 2)}\n`)
}

export async function withdraw({ hubFile }: HomePaths): Promise<void> {
  await rm(hubFile, { force: true })
}

/** The socket that the hub announced; undefined where none did, or not in words that can be read. */
export function announcedSocket({ hubFile }: HomePaths): string | undefined {
  try {
    const hub = JSON.parse(readPrivate(hubFile) ?? '{}') as Partial<HubFile> | null
    const socket = hub?.socket
    return typeof socket === 'string' && isAbsolute(socket) ? socket : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
