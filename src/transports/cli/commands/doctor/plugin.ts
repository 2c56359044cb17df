import type { Invocation } from '../../command.ts'
import { PROGRAM } from '../../usage.ts'
import { claudeClient } from '../setup/claude-client.ts'
import { faultOf, PLUGIN, pluginFolder, presentAt } from '../setup/claude-plugin.ts'
import { type Check, ok, warn } from './check.ts'

const NAME = 'plugin'

/** Whether sessions of Claude Code that start here would join the bus by themselves. */
export async function pluginCheck({ io }: Invocation): Promise<Check> {
  try {
    const { installed, source } = await presentAt(claudeClient(io), io.cwd)
    const active = installed.find(each => faultOf(each) === undefined)
    if (active === undefined) {
      const [one] = installed
      const state = one === undefined ? 'is not installed' : `(scope ${one.scope}): ${faultOf(one)}`
      return warn(NAME, `${PLUGIN} ${state}`, `\`${PROGRAM} setup claude\` puts Claude Code’s sessions on the bus.`)
    }
    const { scope, version = '' } = active
    const what = `${PLUGIN} ${version} loads, scope ${scope}`
    if (source === undefined || source === pluginFolder()) return ok(NAME, what)
    return warn(NAME, `${what}, from ${source}`, `\`${PROGRAM} setup claude\` makes sessions run this program instead.`)
  } catch (error) {
    if (io.signal.aborted) throw error
    return warn(NAME, (error as Error).message, `\`${PROGRAM} setup claude --check\` says more.`)
  }
}
