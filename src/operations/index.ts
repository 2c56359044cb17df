import type { z } from 'zod'
import { continueChain, createToken, listTokens, narrowToken, prune, revokeToken } from './admin.ts'
import { claim, listClaims, release } from './claims.ts'
import { checkEdit, noteEdit } from './files.ts'
import { checkGit } from './git.ts'
import { heartbeat } from './heartbeat.ts'
import { ack, inbox, takeInbox } from './inbox.ts'
import { collect, settle } from './letters.ts'
import { getEvents, messageStatus } from './log.ts'
import type { Operation } from './operation.ts'
import { publish } from './publish.ts'
import { register } from './register.ts'
import { selfCheckPair } from './self-check.ts'
import { listChannels, listSessions, readmit, unregister, whoami } from './sessions.ts'
import { deleteState, getState, listState, setState } from './state.ts'

/** Everything the bus can do for a model or a person, in the order in which lists show it. */
const forEveryone = [
  register,
  whoami,
  listSessions,
  listChannels,
  publish,
  inbox,
  ack,
  messageStatus,
  getEvents,
  heartbeat,
  unregister,
  readmit,
  setState,
  getState,
  listState,
  deleteState,
  claim,
  release,
  listClaims,
  continueChain,
  prune,
  createToken,
  listTokens,
  narrowToken,
  revokeToken,
] as const

/** What programs ask: session processes for the hooks of their agent's client, and those that check the hub. */
const forHooks = [collect, takeInbox, settle, checkEdit, noteEdit, checkGit, selfCheckPair] as const

const all = [...forEveryone, ...forHooks] as const

export type OperationName = (typeof all)[number]['name']
/** Those that a model or a person can call, and gets a text from. */
export type PublicOperationName = (typeof forEveryone)[number]['name']
type Named<Name extends OperationName> = Extract<(typeof all)[number], { name: Name }>
/** What a caller writes, and what it gets: the types behind the typed client. */
export type InputOf<Name extends OperationName> = z.input<Named<Name>['input']>
export type OutputOf<Name extends OperationName> = z.output<Named<Name>['output']>

export const operations: readonly Operation[] = all as unknown as readonly Operation[]

const byName = new Map(operations.map(operation => [operation.name, operation]))

export function operationOf(name: string): Operation | undefined {
  return byName.get(name)
}
