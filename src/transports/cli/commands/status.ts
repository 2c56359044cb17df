import { LIMITS } from '../../../bus/limits.ts'
import { retold, Said, say } from '../../../bus/say.ts'
import type { Injected } from '../../../bus/session.ts'
import { homePaths } from '../../../home/paths.ts'
import type { Invocation } from '../command.ts'
import { EXIT_UNAVAILABLE } from '../exit-codes.ts'
import { type HubInfo, heldByAnother, runningHub, versionGap } from '../hub-info.ts'
import { connectFor } from '../identity.ts'
import { injectedText, sumOf } from '../render/injected.ts'
import { ago } from '../render/time.ts'

/** Whether the hub runs. Exit code 6 says no, so that scripts need not read. */
export async function status(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const hub = await runningHub(invocation, global.timeoutMs)
  const injected = hub === undefined ? undefined : await injectedInAll(invocation)
  const { socket } = homePaths(io.env)
  if (global.isJson) {
    io.out.json({
      hub: {
        running: hub !== undefined,
        pid: hub?.pid ?? null,
        version: hub?.version ?? null,
        url: hub?.url ?? null,
        socket: hub?.socket ?? socket,
        ...(hub?.taken_port ? { taken_port: hub.taken_port } : {}),
      },
      store: hub?.store ?? null,
      sessions: hub?.store.live_sessions ?? null,
      injected: injected ?? null,
    })
  } else if (hub === undefined) {
    io.out.line(say`No hub runs at ${socket}. The next command that needs one starts it.`)
  } else {
    for (const line of describe(hub, injected, io.out.look.now)) io.out.line(line)
  }
  return hub === undefined ? EXIT_UNAVAILABLE : 0
}

/** A status is given all the same where the store is too slow or too broken to tell. */
const PATIENCE_MS = 2_000

/** What delivery has put into the contexts of the sessions that live now: of so many as one page lists. */
async function injectedInAll(invocation: Invocation): Promise<Injected | undefined> {
  const client = connectFor(invocation, { startHub: false })
  const signal = AbortSignal.any([invocation.io.signal, AbortSignal.timeout(PATIENCE_MS)])
  try {
    const { sessions } = await client.call('list_sessions', { limit: LIMITS.pageSessions }, { signal })
    return sumOf(sessions.map(session => session.injected))
  } catch (error) {
    if (invocation.io.signal.aborted) throw error
    return undefined
  } finally {
    await client.close()
  }
}

function describe(hub: HubInfo, injected: Injected | undefined, now: number): Said[] {
  const { kind, ...figures } = hub.store
  const gap = versionGap(hub)
  const rows: [string, string][] = [
    ['hub', `running, version ${hub.version}, pid ${hub.pid}, started ${ago(hub.started_at, now)}`],
    ...(gap ? [['versions', `${gap.is}: ${gap.next}`] as [string, string]] : []),
    ['url', hub.url],
    ...(hub.taken_port ? [['port', heldByAnother(hub.taken_port)] as [string, string]] : []),
    ['socket', hub.socket],
    ['streams', String(hub.streams)],
    [
      'store',
      [kind, ...Object.entries(figures).map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`)].join(', '),
    ],
    [
      'injected',
      injected === undefined ? 'unknown' : `${injectedText(injected) ?? 'nothing'} into the contexts of live sessions`,
    ],
  ]
  return rows.map(([name, value]) => say`${Said.trusted(name.padEnd(10))}${retold(value)}`)
}
