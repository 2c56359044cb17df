import { homePaths } from '../../../home/paths.ts'
import type { Invocation } from '../command.ts'
import { EXIT_UNAVAILABLE } from '../exit-codes.ts'
import { type HubInfo, runningHub } from '../hub-info.ts'
import { oneLine } from '../render/plain-text.ts'
import { ago } from '../render/time.ts'

/** Whether the hub runs. Exit code 6 says no, so that scripts need not read. */
export async function status(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const hub = await runningHub(invocation)
  const { socket } = homePaths(io.env)
  if (global.isJson) {
    io.out.json({
      hub: {
        running: hub !== undefined,
        pid: hub?.pid ?? null,
        version: hub?.version ?? null,
        url: hub?.url ?? null,
        socket: hub?.socket ?? socket,
      },
      store: hub?.store ?? null,
      sessions: hub?.store.live_sessions ?? null,
    })
  } else if (hub === undefined) {
    io.out.line(`No hub runs at ${socket}. The next command that needs one starts it.`)
  } else {
    for (const line of describe(hub, io.out.look.now)) io.out.line(line)
  }
  return hub === undefined ? EXIT_UNAVAILABLE : 0
}

function describe(hub: HubInfo, now: number): string[] {
  const { kind, ...figures } = hub.store
  const rows: [string, string][] = [
    ['hub', `running, version ${hub.version}, pid ${hub.pid}, started ${ago(hub.started_at, now)}`],
    ['url', hub.url],
    ['socket', hub.socket],
    ['streams', String(hub.streams)],
    [
      'store',
      [kind, ...Object.entries(figures).map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`)].join(', '),
    ],
  ]
  return rows.map(([name, value]) => `${name.padEnd(9)}${oneLine(value)}`)
}
