import './plain-schemas.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { instructions } from '../transports/mcp/instructions.ts'
import { type CallContext, createMcpServer } from '../transports/mcp/server.ts'
import { serveStdio } from '../transports/mcp/stdio.ts'
import { toolsetsOf } from '../transports/mcp/tools.ts'
import { VERSION } from '../version.ts'
import type { HubLink } from './hub-link.ts'

/** How long a clean end may take; the hub notices an unclean one as well. */
const CLOSE_MS = 500

/**
 * Serves the session's agent over stdio. It answers before it has reached the hub, and loads what speaks to the hub
 * only once the agent's client has introduced itself: the user's first prompt waits for this process to start.
 */
export async function serveSession(options: {
  readonly log: (message: string) => void
  /** Everything that is ever needed is loaded. */
  readonly onLoaded: () => void
}): Promise<void> {
  const { env } = process
  const { log } = options
  // Which run of the agent's process this is; the hub offers again what another run may not have seen.
  const run = randomUUID()
  let link: Promise<HubLink> | undefined

  const linked = (clientName: string | undefined) => {
    link ??= openLink({ run, clientName, log }).finally(options.onLoaded)
    return link
  }
  const call = async (operation: string, input: unknown, context: CallContext) =>
    await (await linked(context.clientName)).call(operation, input as Record<string, unknown>, context)

  const server = createMcpServer({
    call,
    toolsets: toolsetsOf(env.SWITCHBOARD_TOOLSETS),
    version: VERSION,
    instructions: instructions({ isRegistered: true }),
  })
  server.oninitialized = () => void linked(server.getClientVersion()?.name).catch(error => log(`link: ${error}`))
  server.onerror = error => log(error.message)

  const ended = new Promise<void>(resolve => {
    server.onclose = resolve
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  await serveStdio(server)
  await ended
  await Promise.race([link?.then(each => each.close()), sleep(CLOSE_MS)])
}

async function openLink(options: {
  run: string
  clientName: string | undefined
  log: (message: string) => void
}): Promise<HubLink> {
  const { env } = process
  const [{ createHubLink }, { gatherFacts }] = await Promise.all([import('./hub-link.ts'), import('./facts.ts')])
  const known = env.CLAUDE_CODE_SESSION_ID
  return createHubLink({
    env,
    clientId: known || `mcp-${options.run}`,
    isShared: Boolean(known),
    facts: gatherFacts(process.cwd(), env, { agent: options.clientName, run: options.run }),
    log: options.log,
  })
}
