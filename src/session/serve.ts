import './plain-schemas.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { FOR_MODELS, type Toolset, toolsetsOf } from '../bus/toolsets.ts'
import { homePaths } from '../home/paths.ts'
import { SESSION_SETTINGS } from '../home/session-settings.ts'
import { instructions } from '../transports/mcp/instructions.ts'
import { type CallContext, createMcpServer } from '../transports/mcp/server.ts'
import { serveStdio } from '../transports/mcp/stdio.ts'
import { VERSION } from '../version.ts'
import type { Arm } from './arm.ts'
import { createHookCalls } from './hook-calls.ts'
import { createRefusalNotice } from './hooks/refused.ts'
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
  let tied: Promise<Tie> | undefined

  const tie = () => {
    const client = server.getClientVersion()
    tied ??= openTie({
      run,
      clientName: client?.name,
      clientVersion: client?.version ?? '',
      whenClientRuns: async () => void (await server.ping()),
      log,
    }).finally(options.onLoaded)
    return tied
  }
  const call = async (operation: string, input: unknown, context: CallContext) => {
    const { link, arm } = await tie()
    const fields = input as Record<string, unknown>
    await arm.beforeTool()
    const output = await link.call(arm.operationFor(operation, fields), fields, context)
    if (!context.signal.aborted) arm.afterTool(operation, fields, output)
    return output
  }

  const server = createMcpServer({
    call,
    toolsets: toolsetsOrAll(env, log),
    version: VERSION,
    instructions: instructions({ isRegistered: true }),
  })
  server.oninitialized = () => void tie().catch(error => log(`link: ${error}`))
  server.onerror = error => log(error.message)

  const ended = new Promise<void>(resolve => {
    server.onclose = resolve
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const noticeOf = createRefusalNotice()
  const hookCalls = createHookCalls({
    // A hook must never break a session: one that fails has nothing to say but why there is no bus.
    hook: async (fields, waiting) =>
      await tie().then(
        ({ arm }) => arm.hook(fields, waiting),
        error => noticeOf(fields.event, error),
      ),
    onUnheard: what => void tied?.then(({ arm }) => arm.unheard(what)).catch(() => undefined),
  })
  await serveStdio(server, { aside: hookCalls })
  await ended
  await Promise.race([tied?.then(each => each.close()).catch(() => undefined), sleep(CLOSE_MS)])
}

/** What is refused is what each call answers: a server that ends at once would only be missing, and nobody told why. */
function toolsetsOrAll(env: NodeJS.ProcessEnv, log: (message: string) => void): readonly Toolset[] {
  try {
    return toolsetsOf(env.SWITCHBOARD_TOOLSETS)
  } catch (error) {
    log((error as Error).message)
    return FOR_MODELS
  }
}

/** What binds this process to the hub, and through it to its session. */
interface Tie {
  readonly link: HubLink
  readonly arm: Arm
  close(): Promise<void>
}

async function openTie(options: {
  run: string
  clientName: string | undefined
  clientVersion: string
  whenClientRuns: () => Promise<void>
  log: (message: string) => void
}): Promise<Tie> {
  const { env } = process
  const { log } = options
  const [{ createHubLink }, { gatherFacts }, { createArm }, { forkedAtStart }, { statusFile }, { createTitle }] =
    await Promise.all([
      import('./hub-link.ts'),
      import('../workspace/facts.ts'),
      import('./arm.ts'),
      import('./transcript.ts'),
      import('./client-status.ts'),
      import('./title.ts'),
    ])
  // A setting that is refused is what each call answers; nothing is begun before that is known.
  homePaths(env)
  for (const { read } of SESSION_SETTINGS) read(env)
  const known = env.CLAUDE_CODE_SESSION_ID
  const conversation = { id: known || `mcp-${options.run}`, isNamed: Boolean(known) }
  const status = statusFile(env, process.ppid)
  const title = createTitle(status)
  const link = createHubLink({
    env,
    clientId: conversation.id,
    isShared: conversation.isNamed,
    ...(conversation.isNamed
      ? { parent: forkedAtStart(process.ppid, { id: conversation.id, cwd: process.cwd(), env }) }
      : {}),
    facts: gatherFacts(process.cwd(), env, { agent: options.clientName, run: options.run }),
    title: () => title.present,
    log,
  })
  const { clientVersion, whenClientRuns } = options
  const client = { clientPid: process.ppid, clientVersion, whenClientRuns, status, title }
  const arm = await createArm({ link, env, ...client, conversation, log })
  return {
    link,
    arm,
    async close() {
      await Promise.all([arm.close(), link.close()])
    },
  }
}
