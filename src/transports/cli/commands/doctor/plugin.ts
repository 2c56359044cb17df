import { homePaths } from '../../../../home/paths.ts'
import { namedHome } from '../../../../home/user-folder.ts'
import type { Invocation } from '../../command.ts'
import { PROGRAM } from '../../usage.ts'
import { claudeClient } from '../setup/claude-client.ts'
import { faultOf, isOfThisProgram, PLUGIN, presentAt } from '../setup/claude-plugin.ts'
import { copyPlace } from '../setup/plugin-copy.ts'
import { type Check, ok, warn } from './check.ts'

const NAME = 'plugin'

/** Whether sessions of Claude Code that start here would join the bus by themselves. */
export async function pluginCheck({ io }: Invocation): Promise<Check> {
  try {
    const present = await presentAt(claudeClient(io), io)
    const { installed, source, home } = present
    const active = installed.find(each => faultOf(each) === undefined)
    if (active === undefined) {
      const [one] = installed
      const state = one === undefined ? 'is not installed' : `(scope ${one.scope}): ${faultOf(one)}`
      return warn(NAME, `${PLUGIN} ${state}`, `\`${PROGRAM} setup claude\` puts Claude Code’s sessions on the bus.`)
    }
    const { scope, version = '' } = active
    const what = `${PLUGIN} ${version} loads, scope ${scope}`
    if (!isOfThisProgram(present, await copyPlace(homePaths(io.env)))) {
      const from = source === undefined ? '' : `, from ${source}`
      return warn(NAME, `${what}${from}`, `\`${PROGRAM} setup claude\` makes sessions run this program instead.`)
    }
    const own = namedHome(io.env)
    if (home === own) return ok(NAME, what)
    const [its, here] = [home, own].map(each => (each === undefined ? 'the usual home' : `the home ${each}`))
    return warn(
      NAME,
      `${what}, and uses ${its}; this shell uses ${here}`,
      `\`${PROGRAM} setup claude\` gives it that of this shell.`,
    )
  } catch (error) {
    if (io.signal.aborted) throw error
    return warn(NAME, (error as Error).message, `\`${PROGRAM} setup claude --check\` says more.`)
  }
}
