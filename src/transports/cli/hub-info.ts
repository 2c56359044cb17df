import { BusError } from '../../bus/errors.ts'
import type { Client } from '../../client/index.ts'
import { VERSION } from '../../version.ts'
import type { Invocation } from './command.ts'
import { connectFor } from './identity.ts'
import { PROGRAM } from './usage.ts'

/** What a running hub says of itself: `GET /v1/hub`. */
export interface HubInfo {
  readonly version: string
  readonly pid: number
  readonly started_at: string
  readonly url: string
  readonly socket: string
  /** The configured port, where another program holds it; hubs before 0.2 do not say. */
  readonly taken_port?: number | null
  readonly store: Readonly<Record<string, unknown>> & { readonly kind: string }
  readonly streams: number
  readonly clock_ahead_ms: number
}

/** Why it matters who has the hub's port. */
export function heldByAnother(port: number): string {
  return `Another program holds port ${port}: a client with the URL http://127.0.0.1:${port} gives it its credential.`
}

/** An upgrade leaves the running hub as it is. Undefined where both are of one version. */
export function versionGap({ version }: HubInfo): { is: string; next: string } | undefined {
  if (version === VERSION) return undefined
  return {
    is: `the hub is ${version}, this program ${VERSION}`,
    next: `\`${PROGRAM} stop\`; the next command starts a new hub.`,
  }
}

/** For a hub that accepts connections and then says nothing. */
const HANGING_MS = 5_000

/** What the hub says, or undefined where none answers within the patience; starts none. */
export async function runningHub(invocation: Invocation, patienceMs = 0): Promise<HubInfo | undefined> {
  const { io } = invocation
  const hanging = AbortSignal.timeout(patienceMs + HANGING_MS)
  const client = connectFor(invocation, { startHub: false })
  try {
    const signal = AbortSignal.any([io.signal, hanging])
    return (await client.request('GET', '/v1/hub', { signal, deadlineMs: patienceMs })) as HubInfo
  } catch (error) {
    if (error instanceof BusError && error.code === 'hub_unavailable') return undefined
    if (!hanging.aborted) throw error
    throw new BusError('timed_out', 'a hub accepts connections, and says nothing', {
      next: 'See its log; end its process if it stays so.',
      cause: error,
    })
  } finally {
    await client.close()
  }
}

export async function hubInfo(client: Client, { io }: Invocation): Promise<HubInfo> {
  return (await client.request('GET', '/v1/hub', { signal: io.signal })) as HubInfo
}
