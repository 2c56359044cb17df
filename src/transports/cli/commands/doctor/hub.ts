import type { Client } from '../../../../client/index.ts'
import type { Invocation } from '../../command.ts'
import { type HubInfo, heldByAnother, hubInfo, runningHub, versionGap } from '../../hub-info.ts'
import { clock } from '../../render/time.ts'
import { PROGRAM } from '../../usage.ts'
import { pairOf, selfCheck } from '../self-check.ts'
import { type Check, fail, notDone, ok, warn } from './check.ts'
import { clockCheck } from './clock.ts'

const STREAM_MS = 5_000

/** The hub itself, its version, its store, and whether a message gets through. Starts a hub where none runs. */
export async function hubChecks(client: Client, invocation: Invocation): Promise<Check[]> {
  const checks: Check[] = []
  const before = await attempt(() => runningHub(invocation))
  const hub = await attempt(() => hubInfo(client, invocation))
  if (!hub.ok) return [notDone('hub', hub.error)]
  const { version, pid, url, socket } = hub.value
  const how = before.ok && before.value === undefined ? 'started just now' : 'runs'
  checks.push(ok('hub', `${how}, pid ${pid}, ${socket}, ${url}`))
  const gap = versionGap(hub.value)
  checks.push(gap ? warn('versions', gap.is, gap.next) : ok('versions', `hub and program are ${version}`))
  checks.push(portCheck(hub.value))
  checks.push(clockCheck(hub.value))
  checks.push(...(await storeChecks(client, hub.value, invocation)))
  checks.push(await roundTrip(client, invocation.io.signal))
  checks.push(await delivery(client, invocation.io.signal))
  return checks
}

async function delivery(client: Client, signal: AbortSignal): Promise<Check> {
  const letter = await attempt(() => selfCheck(client, signal))
  if (!letter.ok) return notDone('delivery', letter.error)
  const check = letter.value
  return check.ok
    ? ok('delivery', `a message through two sessions, receipt consumed, ${check.ms} ms`)
    : warn('delivery', check.reason, LEFT_OUT)
}

const LEFT_OUT = 'It was left out: only the operator can have it done, by a hub of this version.'

function portCheck({ url, taken_port: taken }: HubInfo): Check {
  if (taken === null || taken === undefined) return ok('port', url)
  return fail('port', `${heldByAnother(taken)} The hub uses ${url}`, PORT_MEND)
}

const PORT_MEND = `End that program and restart the hub, or set [hub] port in config.toml; 0 takes any free one.`

/** About 150 GB at 4 s each. */
const CHECK_MS = 600_000

/** What `POST /v1/hub/check` answers. */
interface Inspection {
  readonly engine: string
  readonly settings: Readonly<Record<string, string>>
  readonly faults: readonly string[]
  readonly incidents: readonly { readonly at: number; readonly text: string }[]
}

/** The hub alone opens the store, so it looks and we read. */
async function storeChecks(client: Client, { store }: HubInfo, { io }: Invocation): Promise<Check[]> {
  const looked = await attempt(
    () => client.request('POST', '/v1/hub/check', { signal: io.signal, waitMs: CHECK_MS }) as Promise<Inspection>,
  )
  if (!looked.ok) return [notDone('store', looked.error)]
  return [storeCheck(looked.value, store), ...incidentChecks(looked.value, io.out.look.now)]
}

function storeCheck({ engine, settings, faults }: Inspection, store: HubInfo['store']): Check {
  const found = [engine, ...Object.entries(settings).map(([name, value]) => `${name} ${value}`)].join(', ')
  if (faults.length > 0) {
    return fail(
      'store',
      `${found}: ${faults.join('; ')}`,
      'Stop the hub, keep a copy of the store’s folder, and report this.',
    )
  }
  return store.kind === 'memory'
    ? warn('store', found, 'What this store holds ends with its hub.')
    : ok('store', `${found}, intact: ${store.events} events, ${store.bytes} bytes`)
}

const TOLD_FOR_MS = 7 * 24 * 3600_000

function incidentChecks({ incidents }: Inspection, now: number): Check[] {
  return incidents
    .filter(({ at }) => Math.abs(now - at) < TOLD_FOR_MS)
    .map(({ at, text }) =>
      warn('incident', `${clock(new Date(at).toISOString(), now)}: ${text}`, 'Nothing: the store goes on.'),
    )
}

/** Between the two sessions of the bus's own: nobody is disturbed, and the live stream must show it to who asks for it. */
async function roundTrip(client: Client, signal: AbortSignal): Promise<Check> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)])
  const begun = performance.now()
  let sent = 0
  try {
    const pair = await pairOf(client, over)
    if ('reason' in pair) return warn('stream', pair.reason, LEFT_OUT)
    const { sender, receiver } = pair
    for await (const item of client.stream({ from: sender.session_id, types: ['doctor_check'], signal: over })) {
      if (item.kind === 'ready' && sent === 0) {
        const check = {
          text: 'doctor',
          type: 'doctor_check',
          to: receiver.session_id,
          level: 'lifecycle',
          urgency: 'quiet',
        } as const
        sent = (await client.withCredential(sender.credential).call('publish', check, { signal: over })).event_id
      }
      if (item.kind === 'event' && item.event.id === sent) {
        return ok('stream', `publish to live stream in ${Math.round(performance.now() - begun)} ms`)
      }
    }
    return fail(
      'stream',
      `nothing came within ${STREAM_MS} ms`,
      `\`${PROGRAM} stop\` and try again; see the hub’s log.`,
    )
  } catch (error) {
    return notDone('stream', error)
  }
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, error }
  }
}
