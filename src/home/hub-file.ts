import { rm } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { HomePaths } from './paths.ts'
import { readPrivate, writePrivate } from './private-files.ts'
import { endStartTurn } from './start-turn.ts'

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

export async function announce({ hubFile, startFile }: HomePaths, hub: HubFile): Promise<void> {
  await writePrivate(hubFile, `${JSON.stringify(hub, undefined, 2)}\n`)
  endStartTurn(startFile)
}

export async function withdraw({ hubFile }: HomePaths): Promise<void> {
  await rm(hubFile, { force: true })
}

/** Unless another hub has announced itself meanwhile. */
export async function withdrawOwn(paths: HomePaths, { pid }: HubFile): Promise<void> {
  if (announced(paths)?.pid === pid) await withdraw(paths)
}

/** The socket that the hub announced; undefined where none did, or not in words that can be read. */
export function announcedSocket(paths: HomePaths): string | undefined {
  const socket = announced(paths)?.socket
  return typeof socket === 'string' && isAbsolute(socket) ? socket : undefined
}

function announced({ hubFile }: HomePaths): Partial<HubFile> | undefined {
  try {
    return (JSON.parse(readPrivate(hubFile) ?? '{}') as Partial<HubFile> | null) ?? undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
