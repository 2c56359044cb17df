import { retold, Said, say, type Words } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import { type HubInfo, hubInfo, runningHub, versionGap } from '../hub-info.ts'
import { connectAsUser } from '../identity.ts'
import { plainEntry } from '../plain-entry.ts'
import { selfCheck } from './self-check.ts'
import { watch } from './watch.ts'

/**
 * The first command of a newcomer: a hub, a real message through two sessions as a check, and what to type next. On a
 * terminal it then follows the timeline; without one it ends, and the hub goes on.
 */
export async function start(invocation: Invocation): Promise<number> {
  const { io, global, options } = invocation
  const { paint } = io.out.look
  const tell = <const T extends string>(text: Words<T>) => {
    if (!global.isJson) io.out.line(text)
  }
  const present = await runningHub(invocation)
  if (present === undefined) tell('Starting the hub …')
  // The check acts as sessions of the bus's own, which a session's credential cannot: so it is done as the user.
  const client = connectAsUser(invocation)
  try {
    const hub = present ?? (await hubInfo(client, invocation))
    tell(say`${paint('green', '✓')} The hub ${say(present === undefined ? 'runs' : 'runs already')}: ${whereIs(hub)}`)
    const gap = versionGap(hub)
    if (gap) tell(say`${paint('yellow', '!')} Its version: ${retold(gap.is)}. ${retold(gap.next)}`)
    const check = await selfCheck(client, io.signal, step => tell(say`${paint('green', '✓')} Self-check: ${step}`))
    if (check.ok) tell(say`${paint('green', '✓')} Self-check passed in ${check.ms} ms.`)
    else tell(say`${paint('yellow', '!')} Self-check left out: ${retold(check.reason)}`)
    const next = nextSteps(invocation)
    if (global.isJson) {
      io.out.json({ hub, started: present === undefined, self_check: check, next })
      return 0
    }
    tell('\nWhat to type next:')
    const width = Math.max(...next.map(({ command }) => command.length).filter(length => length < 60))
    for (const { command, what } of next)
      tell(
        say`  ${paint('cyan', retold(command))}${Said.trusted(' '.repeat(Math.max(0, width - command.length)))}  ${paint('dim', say`# ${retold(what)}`)}`,
      )
  } finally {
    await client.close()
  }
  if (!io.out.isTerminal || options.follow === false) return 0
  tell(paint('dim', '\nThe timeline, live. Ctrl-C leaves it; the hub goes on.'))
  return await watch({ ...invocation, options: { last: '0' } })
}

function whereIs(hub: HubInfo): Said {
  return say`version ${hub.version}, pid ${hub.pid}, ${hub.url}, store ${hub.store.kind}`
}

function nextSteps({ io }: Invocation): { command: string; what: string }[] {
  const here = io.program()
  return [
    { command: `${here} setup claude`, what: 'put every Claude Code session on the bus' },
    { command: plainEntry(io), what: 'the same without the plugin: tools only' },
    { command: `${here} register backend --role dev`, what: 'join from a shell' },
    { command: `${here} publish "hello" --to all`, what: 'send to everyone' },
    { command: `${here} sessions`, what: 'who is here' },
    { command: `${here} watch`, what: 'the timeline, live' },
    { command: `${here} status`, what: 'is the hub well' },
    { command: `${here} stop`, what: 'stop the hub; what is stored stays' },
    { command: `${here} --help`, what: 'everything else' },
  ]
}
