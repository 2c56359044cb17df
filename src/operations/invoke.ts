import type { z } from 'zod'
import { type Caller, credentialId, OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { nearest } from '../bus/names.ts'
import { joined, named, quoted, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import { shareOf } from '../bus/share.ts'
import type { Commits, Store } from '../bus/store.ts'
import { onAuthorityOf, sessionEnded } from './authority.ts'
import type { Bus } from './bus.ts'
import { committed } from './commit.ts'
import { operationOf, operations } from './index.ts'
import { readInput } from './malformed.ts'
import type { Call, Connection, Operation, Patience } from './operation.ts'
import { mayRead } from './require-session.ts'
import { withheld } from './withheld.ts'

export interface Request {
  readonly operation: string
  readonly input: unknown
  readonly caller: Caller
  /** From the door: makes a retry the same call. */
  readonly key?: string
  readonly patience: Patience
  readonly connection?: Connection
}

/** The bus with a store that can be written: operations get at that by `call.commit` alone. */
export interface WritableBus extends Bus {
  readonly store: Store
}

/** The one way into an operation, whatever the door: known, allowed, well-formed, alive, then done. */
export async function invoke(bus: WritableBus, request: Request): Promise<unknown> {
  const operation = known(request.operation)
  allowed(operation, request.caller)
  const input = wellFormed(operation, request.input)
  const session = await alive(bus, operation, request.caller)
  const call: Call = {
    bus,
    caller: request.caller,
    session,
    key: keyOf(bus, operation, request, input),
    patience: request.patience,
    connection: request.connection,
    ...onAuthorityOf(bus, request.caller, operation),
  }
  if (session) await noteSignOfLife(bus, onAuthorityOf(bus, request.caller, operation), operation, session)
  const output = await operation.run(call, input).catch(error => {
    throw mayRead(call) ? error : withheld(error)
  })
  // A change is done. What was only read is not returned to a caller that may no longer read it.
  if (operation.effect === 'read') await call.stillAllowed()
  return output
}

function known(name: string): Operation {
  const operation = operationOf(name)
  if (operation) return operation
  const near = nearest(
    name,
    operations.map(each => each.name),
  )
  throw new BusError('unknown_operation', say`expected an operation, got ${quoted(name)}`, {
    next: near.length > 0 ? say`Did you mean ${near.map(named)}?` : say('See /openapi.json.'),
  })
}

function allowed(operation: Operation, caller: Caller): void {
  if (caller.scopes.has(operation.scope)) return
  throw new BusError(
    'forbidden',
    say`${named(operation.name)} needs the scope ${operation.scope}; this credential has ${caller.scopes.size === 0 ? 'none' : [...caller.scopes]}`,
    { next: 'Use a credential with that scope: `switchboard token create --help`.' },
  )
}

function wellFormed(operation: Operation, input: unknown): z.output<Operation['input']> {
  const read = readInput(operation.input, input ?? {})
  if (read.ok) return read.input
  const fields = Object.keys(operation.input.shape)
  throw new BusError('invalid_input', say`${named(operation.name)}: ${joined('; ', read.faults)}`, {
    next: fields.length === 0 ? say('It takes no fields.') : say`Fields: ${fields.map(named)}.`,
  })
}

/** An ended session is told so: silence would look like "nothing new". */
async function alive(bus: Bus, operation: Operation, caller: Caller): Promise<Session | undefined> {
  if (caller.kind === 'token') return undefined
  const session = await bus.store.session(caller.id)
  if (caller.id === OPERATOR_ID || operation.isForEnded) return session
  if (session && session.endedAt === undefined) return session
  throw sessionEnded(session, caller.id)
}

async function noteSignOfLife(bus: Bus, { commit }: Commits, operation: Operation, session: Session): Promise<void> {
  bus.presence.touch(session.id)
  if (!operation.provesReading || !(await bus.store.hasOpenOffer(session.id))) return
  committed(await commit([{ kind: 'confirm', sessionId: session.id, proof: 'next call', route: 'inbox' }]))
}

/**
 * A key that the caller wrote itself is meant to outlive the one that a client makes for its retries. The fingerprint
 * shows a caller that it used its own key for two things by mistake; a checksum is enough for that. How long a caller
 * still waits is no other thing.
 */
function keyOf(bus: Bus, operation: Operation, request: Request, input: z.output<Operation['input']>) {
  const key = operation.keyOf?.(input) ?? request.key
  if (key === undefined || operation.effect === 'read') return undefined
  const { wait_seconds: _, ...asked } = input as Record<string, unknown>
  return defined({
    scope: `${credentialId(request.caller)} ${operation.name}`,
    key,
    fingerprint: bus.checksum(JSON.stringify(asked)),
    share: shareOf(request.caller, 'answerBytes'),
  })
}
