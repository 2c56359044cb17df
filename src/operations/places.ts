import type { z } from 'zod'
import { BusError } from '../bus/errors.ts'
import { type Place, placeOf } from '../bus/place.ts'
import type { Session } from '../bus/session.ts'
import type { Call } from './operation.ts'
import type { pathFacts } from './shapes.ts'

/** Sessions on the caller's machine among which the owner of a worktree is looked for. */
const MAX_NEIGHBOURS = 500

/**
 * Where a path that a caller wrote lies. Where the caller's program says in which repository that is, no session must
 * live there for the hub to know.
 */
export async function placed(call: Call, written: string, told?: z.output<typeof pathFacts>): Promise<Place> {
  const from = { machine: call.bus.machine, ...call.session }
  const isAbsolute = /^([\\/]|[A-Za-z]:[\\/])/.test(written)
  const known = isAbsolute ? await neighbours(call, from.machine) : []
  const placed = placeOf(written, from, told === undefined ? known : [{ machine: from.machine, ...told }, ...known])
  if (!placed.ok) throw new BusError('invalid_input', `path: ${placed.message}`)
  return placed.place
}

/** The sessions on a machine. */
export async function neighbours(call: Call, machine: string): Promise<Session[]> {
  return await call.bus.store.sessions({ machine, limit: MAX_NEIGHBOURS })
}
