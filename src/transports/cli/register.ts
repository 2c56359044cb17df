import { BusError } from '../../bus/errors.ts'
import { retold, say } from '../../bus/say.ts'
import type { Client, InputOf, OutputOf } from '../../client/index.ts'
import { backfillMinutes } from '../../home/backfill.ts'
import { savedSession } from '../../home/credentials.ts'
import { homePaths } from '../../home/paths.ts'
import type { Invocation } from './command.ts'
import { agentId, connectFor, earlierIds, factsOf, isInsideAgent, saveForNext } from './identity.ts'
import { humanText } from './render/index.ts'

type Input = InputOf<'register'>
type Output = OutputOf<'register'>

/**
 * Registers a session and says how to act as it. Inside an agent it is the agent's session; in a plain shell it is a
 * new one (or, with a client id, that one), and the shell goes on acting as the operator.
 */
export async function register(input: Input, invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const token = io.env.SWITCHBOARD_TOKEN
  const isAgent = !token && isInsideAgent(io.env)
  const client = connectFor(invocation)
  try {
    // A session that changes its own entry keeps the surroundings that it was registered with.
    const isSelf = token?.startsWith('swb_session_') === true
    const output = isAgent
      ? await asAgent(client, input, invocation)
      : await join(client, input, invocation, isSelf ? undefined : { agent: 'shell', ...(await factsOf(invocation)) })
    if (global.isJson) {
      io.out.json(output)
      return 0
    }
    io.out.line(await humanText('register', output, io.out.look))
    if (!isAgent && !isSelf) {
      io.out.line(say`\nAct as this session:\n  SWITCHBOARD_TOKEN=${output.credential} ${retold(io.program())} inbox`)
    }
    return 0
  } finally {
    await client.close()
  }
}

/** The credential that the agent's session has already; where that is void (another store, say), a new start. */
async function asAgent(client: Client, input: Input, invocation: Invocation): Promise<Output> {
  const paths = homePaths(invocation.io.env)
  const clientId = agentId(invocation.io.env)
  const saved = await savedSession(paths, clientId)
  const output =
    (saved && (await unlessVoid(join(client.withCredential(saved.credential), input, invocation)))) ??
    (await join(client, { client_id: clientId, ...input }, invocation, {
      ...(await factsOf(invocation)),
      ...(await earlierIds(invocation, clientId)),
    }))
  const { session_id, name, credential } = output
  await saveForNext(invocation, { session_id, name, credential })
  return output
}

async function join(client: Client, input: Input, { io }: Invocation, facts?: object): Promise<Output> {
  const known = facts === undefined ? {} : { facts: { ...facts, ...input.facts } }
  const backfill_minutes = backfillMinutes(io.env, { isAgent: isInsideAgent(io.env) })
  return await client.call('register', { backfill_minutes, ...input, ...known }, { signal: io.signal })
}

async function unlessVoid(registered: Promise<Output>): Promise<Output | undefined> {
  try {
    return await registered
  } catch (error) {
    if (error instanceof BusError && ['session_ended', 'unauthenticated'].includes(error.code)) return undefined
    throw error
  }
}
