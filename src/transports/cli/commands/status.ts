import { defined } from '../../../bus/defined.ts'
import { LIMITS } from '../../../bus/limits.ts'
import { retold, Said, say } from '../../../bus/say.ts'
import type { Injected } from '../../../bus/session.ts'
import type { OutputOf } from '../../../client/index.ts'
import { homePaths } from '../../../home/paths.ts'
import type { Invocation } from '../command.ts'
import { EXIT_UNAVAILABLE } from '../exit-codes.ts'
import { type HubInfo, heldByAnother, runningHub, versionGap } from '../hub-info.ts'
import { connectFor } from '../identity.ts'
import { forYou, waitingIn } from '../render/for-you.ts'
import { injectedText, sumOf } from '../render/injected.ts'
import { spoken } from '../render/spoken.ts'
import { ago } from '../render/time.ts'

/** Whether the hub runs. Exit code 6 says no, so that scripts need not read. */
export async function status(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const hub = await runningHub(invocation, global.timeoutMs)
  const listed = hub === undefined ? undefined : await sessionsListed(invocation)
  const injected = listed && sumOf(listed.sessions.map(session => session.injected))
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
      for_you: listed === undefined ? null : forYouJson(listed),
    })
  } else if (hub === undefined) {
    io.out.line(say`No hub runs at ${socket}. The next command that needs one starts it.`)
  } else {
    for (const [name, value] of describe(hub, injected, listed && forYou(listed), io.out.look.now)) {
      io.out.line(say`${Said.trusted(name.padEnd(10))}${spoken(retold(value), io.program())}`)
    }
  }
  return hub === undefined ? EXIT_UNAVAILABLE : 0
}

/** A status is given all the same where the store is too slow or too broken to tell. */
const PATIENCE_MS = 2_000

/** The sessions that live now, so many as one page lists, and what is unread for the caller. */
async function sessionsListed(invocation: Invocation): Promise<Listed | undefined> {
  const client = connectFor(invocation, { startHub: false })
  const signal = AbortSignal.any([invocation.io.signal, AbortSignal.timeout(PATIENCE_MS)])
  try {
    return await client.call('list_sessions', { limit: LIMITS.pageSessions }, { signal })
  } catch (error) {
    if (invocation.io.signal.aborted) throw error
    return undefined
  } finally {
    await client.close()
  }
}

function forYouJson(listed: Listed) {
  const waiting = waitingIn(listed).map(({ name, waiting_for }) => defined({ session: name, waiting_for }))
  return { unread: listed.unread ?? 0, waiting }
}

type Listed = OutputOf<'list_sessions'>

function describe(
  hub: HubInfo,
  injected: Injected | undefined,
  attention: Said | undefined,
  now: number,
): [name: string, value: string][] {
  const { kind, ...figures } = hub.store
  const gap = versionGap(hub)
  return [
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
    ...(attention === undefined ? [] : [['for you', attention.text] as [string, string]]),
  ]
}
