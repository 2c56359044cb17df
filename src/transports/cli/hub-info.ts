import { BusError } from '../../bus/errors.ts'
import type { Client } from '../../client/index.ts'
import type { Invocation } from './command.ts'
import { connectFor } from './identity.ts'

/** What a running hub says of itself: `GET /v1/hub`. */
export interface HubInfo {
  readonly version: string
  readonly pid: number
  readonly started_at: string
  readonly url: string
  readonly socket: string
  readonly store: Readonly<Record<string, unknown>> & { readonly kind: string }
  readonly streams: number
}

/** Long enough for a hub under load, short enough for a person who waits to hear that none runs. */
const PROBE_MS = 1_000

/** What the hub says, or undefined where none answers; starts none. */
export async function runningHub(invocation: Invocation): Promise<HubInfo | undefined> {
  const client = connectFor(invocation, { startHub: false })
  try {
    return await hubInfo(client, invocation, invocation.global.timeoutMs ?? PROBE_MS)
  } catch (error) {
    if (error instanceof BusError && error.code === 'hub_unavailable') return undefined
    throw error
  } finally {
    await client.close()
  }
}

export async function hubInfo(client: Client, { io }: Invocation, deadlineMs?: number): Promise<HubInfo> {
  const options = { signal: io.signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
  return (await client.request('GET', '/v1/hub', options)) as HubInfo
}
