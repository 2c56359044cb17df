import type { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { type Place, placeOf, worktreeFinder } from '../bus/place.ts'
import { normaliseRemote } from '../bus/repo.ts'
import { joined, quoted, retold, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Call } from './operation.ts'
import { repoMeant, shownRepos } from './repo-meant.ts'
import { mayRead } from './require-session.ts'
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
  const seen = defined({ ...repository, machine: from.machine })
  // What was seen is the innermost worktree, whatever sessions say of folders in it.
  const isSeen = isAbsolute && seen.repo !== undefined && worktreeFinder([seen])(written) !== undefined
  const others = isAbsolute && !isSeen ? believed(call, await neighbours(call, from.machine)) : []
  const placed = isSeen
    ? placeOf(written, { machine: from.machine }, [seen])
    : placeOf(written, from, [seen, from, ...others])
  if (!placed.ok) throw new BusError('invalid_input', say`\`path\`: ${retold(placed.message)}`)
  return ignoresCase ? { ...placed.place, foldsCase: true } : placed.place
}

/** Where a path lies in a repository (or on a machine, `machine:M`) that the caller names, wherever the caller is. */
export function placedIn(area: string, written: string): Place {
  const from = area.startsWith(MACHINE) ? { machine: area.slice(MACHINE.length) } : { machine: '', repo: area }
  const placed = placeOf(written, from, [])
  if (placed.ok && placed.place.area === area) return placed.place
  const expected = say(area.startsWith(MACHINE) ? 'an absolute path' : 'a path from the top of the repo')
  throw new BusError('invalid_input', say`\`path\`: expected ${expected}, got ${quoted(written)}`)
}
const MACHINE = 'machine:'

/** The area that a caller names as `list_claims` shows it, or by its remote; by a part of its name, too, where it may read. */
export async function areaCalled(call: Call, written: string): Promise<string> {
  const { store } = call.bus
  if ((await store.claims({ area: written, limit: 1 })).length > 0) return written
  if (!mayRead(call)) return normaliseRemote(written) ?? written
  const meant = repoMeant(written, await shownRepos(store))
  if ('repo' in meant) return meant.repo
  const { couldBe, near } = meant
  if (couldBe.length > 0) {
    throw new BusError('not_found', say`\`repo\`: ${written} could be ${joined(' or ', couldBe)}`, {
      next: 'Say which.',
    })
  }
  throw new BusError('not_found', say`\`repo\`: no repository is called ${quoted(written)}`, {
    next: near.length > 0 ? say`Did you mean ${near}?` : say('See `list_claims`.'),
  })
}

/** The sessions on a machine. */
export async function neighbours(call: Call, machine: string): Promise<Session[]> {
  return await call.bus.store.sessions({ machine, limit: MAX_NEIGHBOURS })
}

/**
 * Those whose word on where worktrees lie counts for the caller: a claim lies where they say, and a folder within one of
 * theirs could be said to be another repository.
 */
export function believed({ caller }: Call, sessions: readonly Session[]): Session[] {
  return sessions.filter(({ grantor }) => grantor === OPERATOR_ID || grantor === caller.grantor)
}
