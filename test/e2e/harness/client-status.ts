import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from './sandbox.ts'

/** What a running client says about itself in `~/.claude/sessions/<pid>.json`; internal to the client, unversioned. */
export interface ClientStatus {
  pid: number
  sessionId: string
  cwd: string
  kind: string
  name?: string
  status: 'idle' | 'busy' | 'waiting' | 'shell'
  waitingFor?: string
  statusUpdatedAt: number
  messagingSocketPath?: string
}

/** Undefined before the client has written it, while it is being written, and after a normal exit. */
export async function readStatus(sandbox: Sandbox, pid: number): Promise<ClientStatus | undefined> {
  try {
    return JSON.parse(await readFile(join(sandbox.home, '.claude/sessions', `${pid}.json`), 'utf8'))
  } catch {
    return undefined
  }
}
