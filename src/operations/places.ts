import type { z } from 'zod'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { type Place, placeOf } from '../bus/place.ts'
import { retold, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Call } from './operation.ts'
import type { pathFacts } from './shapes.ts'

/** Sessions on the caller's machine among which the owner of a worktree is looked for. */
const MAX_NEIGHBOURS = 500

/**
 * Where a path that a caller wrote lies. What the caller's program has seen on its disk comes before what the hub knows
 * of its sessions: the repository may have no session, or another name than a session was told.
 */
export async function placed(call: Call, written: string, told?: z.output<typeof pathFacts>): Promise<Place> {
  const from = { machine: call.bus.machine, ...call.session }
  const { ignores_case: ignoresCase, ...repository } = told ?? {}
  const isAbsolute = /^([\\/]|[A-Za-z]:[\\/])/.test(written)
  const others = isAbsolute ? await neighbours(call, from.machine) : []
  const placed = placeOf(written, from, [defined({ ...repository, machine: from.machine }), from, ...others])
  if (!placed.ok) throw new BusError('invalid_input', say`path: ${retold(placed.message)}`)
  return ignoresCase ? { ...placed.place, foldsCase: true } : placed.place
}

/** The sessions on a machine. */
export async function neighbours(call: Call, machine: string): Promise<Session[]> {
  return await call.bus.store.sessions({ machine, limit: MAX_NEIGHBOURS })
}
