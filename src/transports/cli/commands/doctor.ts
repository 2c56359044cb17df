import { retold, retoldLines, Said, say } from '../../../bus/say.ts'
import { homePaths } from '../../../home/paths.ts'
import { homeFault } from '../../../home/private-files.ts'
import type { Invocation } from '../command.ts'
import { connectAsUser } from '../identity.ts'
import { spoken } from '../render/spoken.ts'
import { type Check, notDone } from './doctor/check.ts'
import { doorbell } from './doctor/doorbell.ts'
import { asideFiles, configFile, homeLooks } from './doctor/files.ts'
import { hubChecks } from './doctor/hub.ts'
import { pluginCheck } from './doctor/plugin.ts'
import { claude, git, node, tmux } from './doctor/programs.ts'
import { settings } from './doctor/settings.ts'

const MARKS = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'fail'] } as const

/** Looks at everything the bus stands on. Exit code 1 where something is broken; a warning breaks nothing. */
export async function doctor(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const client = connectAsUser(invocation)
  const checks: Check[] = []
  const paths = homePaths(io.env)
  // A look that fails is a finding, and no reason to look at nothing else.
  const add = async (name: string, look: () => readonly Check[] | Promise<readonly Check[]>) => {
    const found = await Promise.resolve()
      .then(look)
      .catch((error: unknown) => [notDone(name, homeFault(paths.data, error))])
    io.signal.throwIfAborted()
    const said = found.map(check => inShell(check, io.program()))
    checks.push(...said)
    if (!global.isJson) for (const check of said) print(check, invocation)
  }
  try {
    await add('node', () => [node()])
    await add('config', async () => [await configFile(paths, io.env)])
    await add('hub', () => hubChecks(client, invocation))
    // After the hub: it makes the files that are looked at here.
    for (const [name, look] of homeLooks(paths)) await add(name, () => [look()])
    await add('laid aside', () => asideFiles(paths))
    const [repositories, terminals, agent] = await Promise.all([git(io.env), tmux(io.env), claude(io)])
    await add('programs', () => [repositories, terminals, agent])
    await add('settings', () => settings(io.env))
    if (agent.state === 'ok') await add('plugin', async () => [await pluginCheck(invocation)])
    await add('doorbell', () => doorbell(paths))
  } finally {
    await client.close()
  }
  const isWell = checks.every(check => check.state !== 'fail')
  if (global.isJson) io.out.json({ ok: isWell, checks })
  return isWell ? 0 : 1
}

/** In JSON, too, a command stands as it is typed here. */
function inShell({ mend, ...check }: Check, program: string): Check {
  return mend === undefined ? check : { ...check, mend: spoken(retold(mend), program).text }
}

function print({ name, state, found, mend }: Check, { io }: Invocation): void {
  const [colour, mark] = MARKS[state]
  const gap = say(found.includes('\n') ? '\n      ' : '  ')
  const how = mend === undefined ? '' : io.out.look.paint('dim', say`${gap}→ ${retold(mend)}`)
  io.out.line(say`${io.out.look.paint(colour, mark)}  ${Said.trusted(name.padEnd(12))}${retoldLines(found)}${how}`)
}
