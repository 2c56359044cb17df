import { rm } from 'node:fs/promises'
import { writePrivate } from '../home/private-files.ts'

/** Where the running hub can be reached. It may outlive a hub that was killed: only a handshake proves one. */
export interface HubFile {
  readonly pid: number
  readonly version: string
  readonly url: string
  readonly socket: string
  readonly started_at: string
}

export async function announce(path: string, hub: HubFile): Promise<void> {
  await writePrivate(path, `${JSON.stringify(hub, undefined, 2)}\n`)
}

export async function withdraw(path: string): Promise<void> {
  await rm(path, { force: true })
}
