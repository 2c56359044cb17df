import { defined } from '../../bus/defined.ts'
import { BusError } from '../../bus/errors.ts'
import { type Client, connect } from '../../client/index.ts'
import { backfillMinutes } from '../../home/backfill.ts'
import { type SavedSession, savedSession, saveSession } from '../../home/credentials.ts'
import { homePaths } from '../../home/paths.ts'
import { successionIn } from '../../home/succession.ts'
import type { SessionFacts } from '../../workspace/facts.ts'
import type { Invocation } from './command.ts'

/**
 * Whom a command acts as, in this order:
 *
 * 1. the owner of SWITCHBOARD_TOKEN, where it is set;
 * 2. inside an agent its session: the one whose credential the session's own process saved, else one that is
 *    registered now under the agent's session id and saved for the next command;
 * 3. the operator.
 */
export interface Actor {
  readonly as: 'credential' | 'session' | 'operator'
  readonly client: Client
}

export async function actor(invocation: Invocation): Promise<Actor> {
  const { env } = invocation.io
  const client = connectFor(invocation)
  if (env.SWITCHBOARD_TOKEN) return { as: 'credential', client }
  if (!isInsideAgent(env)) return { as: 'operator', client }
  const clientId = agentId(env)
  const paths = homePaths(env)
  const saved = await savedSession(paths, clientId)
  if (saved) return { as: 'session', client: client.withCredential(saved.credential) }
  const { session_id, name, credential } = await client.call(
    'register',
    {
      client_id: clientId,
      backfill_minutes: backfillMinutes(env, { isAgent: true }),
      facts: { ...(await factsOf(invocation)), ...(await earlierIds(invocation, clientId)) },
    },
    { signal: invocation.io.signal },
  )
  await saveForNext(invocation, { session_id, name, credential })
  return { as: 'session', client: client.withCredential(credential) }
}

/**
 * For the agent's next command. Where the home cannot be written (a sandbox, a full disk) that one registers again, and is
 * the same session by its client id.
 */
export async function saveForNext({ io }: Invocation, session: SavedSession): Promise<void> {
  try {
    await saveSession(homePaths(io.env), agentId(io.env), session)
  } catch (error) {
    if (!(error instanceof BusError && ['store_full', 'store_unavailable'].includes(error.code))) throw error
  }
}

/** Ids of a conversation that was cleared while the hub could not be told, or may not be: it is the same session. */
export async function earlierIds({ io }: Invocation, clientId: string): Promise<{ known_as?: string[] }> {
  const known_as = await successionIn(homePaths(io.env)).predecessorsOf(clientId)
  return known_as.length === 0 ? {} : { known_as }
}

/** A client with the credential of the environment, else the user's own. */
export function connectFor({ io, global }: Invocation, options: { startHub?: boolean } = {}): Client {
  return connect(
    defined({ ...options, url: global.url, deadlineMs: global.timeoutMs, timeoutMs: global.timeoutMs, env: io.env }),
  )
}

/**
 * A client that may register sessions of its own, for checks: the user's, or the token's where one is set. With a
 * session's credential it would change that session.
 */
export function connectAsUser(invocation: Invocation): Client {
  const { SWITCHBOARD_TOKEN: token, ...env } = invocation.io.env
  if (!token?.startsWith('swb_session_')) return connectFor(invocation)
  return connectFor({ ...invocation, io: { ...invocation.io, env } })
}

export function isInsideAgent(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.CLAUDECODE || env.CLAUDE_CODE_SESSION_ID)
}

/** An agent must not end up with the operator's rights because nobody said which session it is. */
export function agentId(env: NodeJS.ProcessEnv): string {
  if (env.CLAUDE_CODE_SESSION_ID) return env.CLAUDE_CODE_SESSION_ID
  throw new BusError(
    'session_required',
    'inside an agent (CLAUDECODE is set): expected CLAUDE_CODE_SESSION_ID to say which session, got none',
    { next: 'Set SWITCHBOARD_TOKEN to a session’s credential, or unset CLAUDECODE to act as the operator.' },
  )
}

/** What the hub is told of a session's surroundings. Its run and pane are for the session's own process to say. */
export async function factsOf({ io }: Invocation): Promise<Omit<SessionFacts, 'run' | 'pane'>> {
  const { gatherFacts } = await import('../../workspace/facts.ts')
  const { run: _run, pane: _pane, ...facts } = await gatherFacts(io.cwd, io.env)
  return facts
}
