import type { Invocation } from '../../command.ts'
import { PROGRAM } from '../../usage.ts'
import { claudeClient } from '../setup/claude-client.ts'
import { installationsAt, PLUGIN, pluginFolder } from '../setup/claude-plugin.ts'
import { type Check, ok, warn } from './check.ts'

const NAME = 'plugin'

/** Whether sessions of Claude Code that start here would join the bus by themselves. */
export async function pluginCheck({ io }: Invocation): Promise<Check> {
  try {
    const found = await installationsAt(claudeClient({ env: io.env, signal: io.signal }), io.cwd)
    const active = found.find(each => each.enabled)
    if (active === undefined) {
      const state = found.length === 0 ? 'is not installed' : 'is disabled'
      return warn(NAME, `${PLUGIN} ${state}`, `\`${PROGRAM} setup claude\` puts Claude Code’s sessions on the bus.`)
    }
    const { scope, version = '', readFromFolder: folder } = active
    const what = `${PLUGIN} ${version}, enabled, scope ${scope}`
    if (folder === undefined || folder === pluginFolder()) return ok(NAME, what)
    return warn(NAME, `${what}, from ${folder}`, `\`${PROGRAM} setup claude\` makes sessions run this program instead.`)
  } catch (error) {
    if (io.signal.aborted) throw error
    return warn(NAME, (error as Error).message, `\`${PROGRAM} setup claude --check\` says more.`)
  }
}
