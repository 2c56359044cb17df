import { BusError } from '../../../../bus/errors.ts'
import type { Client } from '../../../../client/index.ts'
import { VERSION } from '../../../../version.ts'
import type { Invocation } from '../../command.ts'
import { type HubInfo, hubInfo, runningHub } from '../../hub-info.ts'
import { PROGRAM } from '../../usage.ts'
import { selfCheck } from '../self-check.ts'
import { type Check, fail, isAtLeast, ok, warn } from './check.ts'

const MIN_SQLITE = '3.51.3'
const STREAM_MS = 5_000

/** The hub itself, its version, its store, and whether a message gets through. Starts a hub where none runs. */
export async function hubChecks(client: Client, invocation: Invocation): Promise<Check[]> {
  const checks: Check[] = []
  const before = await attempt(() => runningHub(invocation))
  const hub = await attempt(() => hubInfo(client, invocation))
  if (!hub.ok) return [fail('hub', hub.message, hub.next)]
  const { version, pid, url, socket } = hub.value
  const how = before.ok && before.value === undefined ? 'started just now' : 'runs'
  checks.push(ok('hub', `${how}, pid ${pid}, ${socket}, ${url}`))
  checks.push(
    version === VERSION
      ? ok('versions', `hub and program are ${version}`)
      : warn(
          'versions',
          `the hub is ${version}, this program ${VERSION}`,
          `\`${PROGRAM} stop\`; the next command starts a new hub.`,
        ),
  )
  checks.push(...storeChecks(hub.value))
  checks.push(await roundTrip(client, invocation.io.signal))
  const letter = await attempt(() => selfCheck(client, invocation.io.signal))
  checks.push(
    letter.ok
      ? ok('delivery', `a message through two sessions, receipt consumed, ${letter.value.ms} ms`)
      : fail('delivery', letter.message, letter.next),
  )
  return checks
}

/** The hub alone opens the store, so what can be known of it is what the hub says. */
function storeChecks({ store }: HubInfo): Check[] {
  const { kind } = store
  if (kind !== 'sqlite') return [warn('store', kind, 'Expected sqlite: what this store holds may not outlive its hub.')]
  const checks: Check[] = []
  const { sqlite_version: library, journal_mode: journal, synchronous, integrity } = store
  if (typeof library === 'string') {
    checks.push(
      isAtLeast(library, MIN_SQLITE)
        ? ok('sqlite', library)
        : fail('sqlite', library, `Update Node: SQLite before ${MIN_SQLITE} can corrupt its file.`),
    )
  }
  if (journal !== undefined || synchronous !== undefined) {
    const found = `journal_mode ${journal}, synchronous ${synchronous}`
    checks.push(
      journal === 'wal' && synchronous === 'full'
        ? ok('durability', found)
        : fail('durability', found, 'Expected wal and full: report this as a fault of Switchboard.'),
    )
  }
  checks.push(
    integrity === undefined || integrity === 'ok'
      ? ok('store', `${store.events} events, ${store.bytes} bytes${integrity === 'ok' ? ', integrity ok' : ''}`)
      : fail('store', `integrity: ${integrity}`, 'Stop the hub, keep a copy of the file, and restore a backup.'),
  )
  return checks
}

/** From the operator to the operator: nobody is disturbed, and the live stream must show it. */
async function roundTrip(client: Client, signal: AbortSignal): Promise<Check> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)])
  const begun = performance.now()
  let sent = 0
  try {
    for await (const item of client.stream({ types: ['doctor_check'], signal: over })) {
      if (item.kind === 'ready' && sent === 0) {
        const check = {
          text: 'doctor',
          type: 'doctor_check',
          to: 'operator',
          level: 'lifecycle',
          urgency: 'quiet',
        } as const
        sent = (await client.call('publish', check, { signal: over })).event_id
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
    return fail('stream', (error as Error).message, 'See the hub’s log.')
  }
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly next: string }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    const next = error instanceof BusError ? error.next : undefined
    return { ok: false, message: (error as Error).message, next: next ?? 'See the hub’s log.' }
  }
}
