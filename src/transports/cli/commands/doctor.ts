import { retold, Said, say } from '../../../bus/say.ts'
import { homePaths } from '../../../home/paths.ts'
import type { Invocation } from '../command.ts'
import { connectAsUser } from '../identity.ts'
import type { Check } from './doctor/check.ts'
import { doorbell } from './doctor/doorbell.ts'
import { asideFiles, configFile, homeFiles } from './doctor/files.ts'
import { hubChecks } from './doctor/hub.ts'
import { pluginCheck } from './doctor/plugin.ts'
import { claude, node, tmux } from './doctor/programs.ts'

const MARKS = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'fail'] } as const

/** Looks at everything the bus stands on. Exit code 1 where something is broken; a warning breaks nothing. */
export async function doctor(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const client = connectAsUser(invocation)
  const checks: Check[] = []
  const add = (found: readonly Check[]) => {
    checks.push(...found)
    if (!global.isJson) for (const check of found) print(check, invocation)
  }
  try {
    add([node()])
    add([await configFile(homePaths(io.env), io.env)])
    add(await hubChecks(client, invocation))
    // After the hub: it makes the files that are looked at here.
    add(homeFiles(homePaths(io.env)))
    add(asideFiles(homePaths(io.env)))
    const [terminals, agent] = await Promise.all([tmux(io.env), claude(io.env)])
    add([terminals, agent])
    if (agent.state === 'ok') add([await pluginCheck(invocation)])
    add(doorbell(homePaths(io.env)))
  } finally {
    await client.close()
  }
  const isWell = checks.every(check => check.state !== 'fail')
  if (global.isJson) io.out.json({ ok: isWell, checks })
  return isWell ? 0 : 1
}

function print({ name, state, found, mend }: Check, { io }: Invocation): void {
  const [colour, mark] = MARKS[state]
  const how = mend === undefined ? '' : io.out.look.paint('dim', say`  → ${retold(mend)}`)
  io.out.line(say`${io.out.look.paint(colour, mark)}  ${Said.trusted(name.padEnd(12))}${retold(found)}${how}`)
}
