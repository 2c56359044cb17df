import type { z } from 'zod'
import { type Caller, OPERATOR_ID } from '../bus/access.ts'
import { BusError } from '../bus/errors.ts'
import { nearest } from '../bus/names.ts'
import { joined, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Bus } from './bus.ts'
import { committed } from './commit.ts'
import { operationOf, operations } from './index.ts'
import { readInput } from './malformed.ts'
import type { Call, Operation, Patience } from './operation.ts'

export interface Request {
  readonly operation: string
  readonly input: unknown
  readonly caller: Caller
  /** From the door: makes a retry the same call. */
  readonly key?: string
  readonly patience: Patience
}

/** The one way into an operation, whatever the door: known, allowed, well-formed, alive, then done. */
export async function invoke(bus: Bus, request: Request): Promise<unknown> {
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
  }
  if (session) await noteSignOfLife(bus, operation, session)
  return await operation.run(call, input)
}

function known(name: string): Operation {
  const operation = operationOf(name)
  if (operation) return operation
  const near = nearest(
    name,
    operations.map(each => each.name),
  )
  throw new BusError('unknown_operation', say`expected an operation, got \`${name}\``, {
    next: near.length > 0 ? say`Did you mean ${near.map(each => say`\`${each}\``)}?` : say('See /openapi.json.'),
  })
}

function allowed(operation: Operation, caller: Caller): void {
  if (caller.scopes.has(operation.scope)) return
  throw new BusError(
    'forbidden',
    say`\`${operation.name}\` needs the scope \`${operation.scope}\`; this credential has ${caller.scopes.size === 0 ? 'none' : [...caller.scopes]}`,
    { next: 'Use a credential with that scope: `switchboard token create --help`.' },
  )
}

function wellFormed(operation: Operation, input: unknown): z.output<Operation['input']> {
  const read = readInput(operation.input, input ?? {})
  if (read.ok) return read.input
  const fields = Object.keys(operation.input.shape)
  throw new BusError('invalid_input', say`\`${operation.name}\`: ${joined('; ', read.faults)}`, {
    next: say`Fields: ${fields.length === 0 ? 'none' : fields}.`,
  })
}

/** An ended session is told so: silence would look like "nothing new". */
async function alive(bus: Bus, operation: Operation, caller: Caller): Promise<Session | undefined> {
  if (caller.kind === 'token') return undefined
  const session = await bus.store.session(caller.id)
  if (caller.id === OPERATOR_ID || operation.name === 'register') return session
  if (session && session.endedAt === undefined) return session
  throw sessionEnded(session, caller.id)
}

/** `details.reason` tells a program whether it may come back by itself: not when somebody unregistered the session. */
export function sessionEnded(session: Session | undefined, id: string): BusError {
  const reason = session?.endReason ?? 'forgotten'
  return new BusError('session_ended', say`session ${session?.name ?? id} has ended (${reason})`, {
    next: 'Register again, with the same client_id to keep name, cursor and mail.',
    details: { reason },
  })
}

async function noteSignOfLife(bus: Bus, operation: Operation, session: Session): Promise<void> {
  bus.presence.touch(session.id)
  if (!operation.provesReading || !(await bus.store.hasOpenOffer(session.id))) return
  committed(await bus.store.commit([{ kind: 'confirm', sessionId: session.id, proof: 'next call', route: 'inbox' }]))
}

/**
 * A key that the caller wrote itself is meant to outlive the one that a client makes for its retries. The fingerprint
 * shows a caller that it used its own key for two things by mistake; a checksum is enough for that.
 */
function keyOf(bus: Bus, operation: Operation, request: Request, input: z.output<Operation['input']>) {
  const key = operation.keyOf?.(input) ?? request.key
  if (key === undefined || operation.effect === 'read') return undefined
  return { scope: `${request.caller.id} ${operation.name}`, key, fingerprint: bus.checksum(JSON.stringify(input)) }
}
